import * as fc from 'fast-check';
import { stepsOf } from '../../../core/plans/plan.ts';
import type { Plan } from '../../../core/plans/plan.ts';
import type { Segment } from '../../../core/splitting/interpretation.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import { parseMode, splitQuery } from '../../../core/splitting/segments.ts';
import type { Mode } from '../../../core/splitting/segments.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

/** Each skill by a word, and how sure the router is of it. */
const SKILLS: Readonly<Record<string, number>> = {
  flights: 0.95,
  hotels: 0.95,
  users: 0.95,
  books: 0.9,
  trip: 0.9,
  vague: 0.3,
  backup: 0.8,
  restore: 0.8,
};

/** Knows words; of several, the first wins with what the others leave. A drill is both a backup and a restore. */
async function route(text: string): Promise<Routing> {
  const words = Object.keys(SKILLS).filter((word) => text.toLowerCase().includes(word));
  const isDrill = words.includes('backup') && words.includes('restore');
  const word = isDrill ? 'drill' : words.toSorted((a, b) => text.indexOf(a) - text.indexOf(b))[0];
  if (word === undefined) return { status: 'no_skill_found', confidence: 0, alternatives: [], reasons: [] };
  const confidence = isDrill ? 0.95 : (SKILLS[word] as number) - 0.1 * (words.length - 1);
  const skill = parseSkillId(`skill/${word}`);
  const status = confidence < 0.5 ? 'low_confidence' : 'routed';
  return { status, skill, confidence, alternatives: [], reasons: [] };
}

/** `a | b -> c`, with the text of each. */
function shapeOf(plan: Plan<Segment> | undefined): string | undefined {
  if (plan?.kind !== 'step') return plan?.plans.map(shapeOf).join(plan.kind === 'sequence' ? ' -> ' : ' | ');
  expect(plan.step.skill).toBe(`skill/${Object.keys(SKILLS).find((word) => plan.step.text.includes(word))}`);
  return plan.step.text;
}

async function split(query: string, mode: Mode = 'auto') {
  const { plan, reasons } = await splitQuery(query, mode, route);
  return { shape: shapeOf(plan), reasons };
}

describe('splitQuery', () => {
  test.each<[string, string]>([
    ['find flights then list users', 'find flights -> list users'],
    ['find flights and list users', 'find flights | list users'],
    ['find flights, list users and close books', 'find flights | list users | close books'],
    ['find flights and find hotels then plan a trip', 'find flights | find hotels -> plan a trip'],
    ['plan a trip then find flights and find hotels', 'plan a trip -> find flights | find hotels'],
    ['list users after closing books', 'closing books -> list users'],
    ['list users after books after flights', 'flights -> books -> list users'],
    ['list users then plan a trip after books', 'list users -> books -> plan a trip'],
    ['list users before closing books', 'list users -> closing books'],
    ['After closing books, list users', 'closing books -> list users'],
    ['Before closing books, list users', 'list users -> closing books'],
    ['After closing, say, books, list users', 'closing, say, books -> list users'],
    ['After closing books, list users then plan a trip', 'closing books -> list users -> plan a trip'],
    ['After closing books and flights, list users', 'closing books | flights -> list users'],
    ['First, find flights then list users', 'find flights -> list users'],
    ['Сначала flights, потом users', 'flights -> users'],
    ['find flights, users', 'find flights | users'],
  ])('splits %j into %s', async (query, expected) => {
    expect((await split(query)).shape).toBe(expected);
  });

  test.each<[string, string]>([
    ['find flights', 'no word in it'],
    ['', 'nothing at all'],
    ['find flights and back', 'a half that means nothing'],
    ['flights then vague', 'a half that is not sure'],
    ['nothing and flights', 'a first half that means nothing'],
    ['find flights then other flights', 'halves of one skill'],
    ['After flights, flights', 'halves of one skill'],
    ['After all, find flights', 'no order behind "after"'],
    ['After flights find hotels', 'no comma'],
    ['then flights', 'nothing to come first'],
    ['flights and', 'nothing behind it'],
    ['backup and restore', 'a name'],
    ['find "flights and hotels"', 'a quotation'],
  ])('keeps %j whole: %s', async (query) => {
    expect((await split(query)).shape).toBeUndefined();
  });

  test.each<[Mode, string | undefined]>([
    ['single', undefined],
    ['pipeline', 'find flights and hotels -> list users'],
    ['parallel', 'find flights | hotels then list users'],
    ['auto', 'find flights | hotels -> list users'],
  ])('in mode %s looks at its own words', async (mode, expected) => {
    expect((await split('find flights and hotels then list users', mode)).shape).toBe(expected);
  });

  test.each<[Mode, string | undefined]>([
    ['parallel', undefined],
    ['pipeline', 'closing books -> list users'],
  ])('in mode %s, "after" at the beginning makes %j', async (mode, expected) => {
    expect((await split('After closing books, list users', mode)).shape).toBe(expected);
  });

  test('does not split a query that scores higher as a whole', async () => {
    const sure = async (text: string): Promise<Routing> =>
      text.includes(' and ') ? ({ ...(await route(text)), confidence: 1 } as Routing) : route(text);
    expect(await splitQuery('flights and trip', 'auto', sure)).toEqual({
      reasons: ['not split at "and": as a whole it routes with a higher score'],
    });
  });

  test('does not split if the right side with the verb of the left routes to another skill', async () => {
    const deletes = async (text: string): Promise<Routing> =>
      route(text.startsWith('delete') ? text.replace('users', 'books') : text);
    const query = 'delete flights and users';
    expect((await splitQuery(query, 'auto', deletes)).plan).toBeUndefined();
    const unsure = async (text: string): Promise<Routing> => route(text === 'delete users' ? 'vague' : text);
    expect((await splitQuery(query, 'auto', unsure)).plan).toBeUndefined();
    expect(shapeOf((await splitQuery(query, 'auto', route)).plan)).toBe('delete flights | users');
  });

  test('splits after a left side of stop words that routes', async () => {
    const polite = (text: string): Promise<Routing> => route(text === 'what about it' ? 'flights' : text);
    const { plan } = await splitQuery('what about it and users', 'auto', polite);
    expect(plan).toMatchObject({ kind: 'parallel', plans: [{}, { step: { text: 'users' } }] });
  });

  test('gives a reason for each connective', async () => {
    expect((await split('find flights and hotels then list users after books')).reasons).toEqual([
      '"and" joins skill/flights and skill/hotels',
      '"then" puts skill/flights and skill/hotels before skill/users',
      '"after" puts skill/books before skill/users',
    ]);
    expect((await split('flights and flights')).reasons).toEqual([
      'not split at "and": both sides route to skill/flights',
    ]);
    expect((await split('flights and rest')).reasons).toEqual([
      'not split at "and": no skill is certain for "rest"',
    ]);
    expect((await split(`${'rest '.repeat(20)}and flights`)).reasons).toEqual([
      'not split at "and": no skill is certain for "rest rest rest rest rest rest rest re..."',
    ]);
    expect((await split('After books, users')).reasons).toEqual([
      '"After" puts skill/books before skill/users',
    ]);
    expect((await split('Before books, users')).reasons).toEqual([
      '"Before" puts skill/users before skill/books',
    ]);
  });

  test('explains a connective inside one part of a split', async () => {
    expect((await split('flights and more then users')).reasons).toEqual([
      '"then" puts skill/flights before skill/users',
      'not split at "and": no skill is certain for "more"',
    ]);
  });

  test('leaves long texts and long enumerations to their skill', async () => {
    expect(await splitQuery(`${'flights '.repeat(125)}then users`, 'auto', route)).toEqual({
      reasons: ['longer than 1000 characters'],
    });
    expect(await splitQuery('flights and users and '.repeat(7), 'auto', route)).toEqual({
      reasons: ['more than 12 connectives'],
    });
  });

  test('makes of any text parts that stand in it, apart from one another, each routed with confidence', async () => {
    const words = fc.constantFrom(
      'flights',
      'users',
      'books',
      'vague',
      'x',
      'and',
      'then',
      'after',
      ',',
      '"',
      ': ',
    );
    const texts = fc.oneof(
      fc.array(words, { maxLength: 20 }).map((some) => some.join(' ')),
      fc.string({ unit: 'binary', maxLength: 200 }),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (query) => {
        const { plan } = await splitQuery(query, 'auto', route);
        const parts = plan === undefined ? [] : stepsOf(plan);
        expect(parts.length).not.toBe(1);
        expect(parts.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(query.length);
        for (const { text, skill, routing } of parts) {
          expect(query).toContain(text);
          expect(routing).toMatchObject({ status: 'routed', skill });
        }
      }),
    );
  });

  test('asks for the route of each part once', async () => {
    const asked: string[] = [];
    await splitQuery('flights and users and hotels then books', 'auto', (text) => {
      asked.push(text);
      return route(text);
    });
    expect(new Set(asked).size).toBe(asked.length);
  });
});

describe('parseMode', () => {
  test.each(['single', 'pipeline', 'parallel', 'auto'])('takes %s', (text) => {
    expect(parseMode(text)).toBe(text);
  });

  test.each(['', 'Auto', 'sequence'])('refuses %j', (text) => {
    expect(() => parseMode(text)).toThrow(
      `Invalid --mode ${JSON.stringify(text)}: expected single, pipeline, parallel or auto`,
    );
  });
});
