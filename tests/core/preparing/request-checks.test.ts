import type { SkillEntry } from '../../../core/skills/catalog.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { RequestedStep, Plan } from '../../../core/plans/plan.ts';
import { refuse, refuseOrigin } from '../../../core/preparing/request-checks.ts';
import type { Skills } from '../../../core/preparing/request-checks.ts';
import type { Origin } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aComposed, aRequest, aSkill } from '../../support/builders.ts';

const CITY_INPUTS = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } };
const QUERY_INPUTS = { type: 'object', properties: { query: { type: 'string' } } };

const FLIGHTS = aSkill('travel/search_flights');
const HOTELS = aSkill('travel/search_hotels', { inputs: CITY_INPUTS });
const WORDS = aSkill('text/summarize', { inputs: QUERY_INPUTS });
const BOOKING = aSkill('travel/book', { rollback: 'travel/cancel' });

const asked = (id: string, payload?: JsonValue): Plan<RequestedStep> => ({
  kind: 'step',
  step: { skill: parseSkillId(id), ...(payload === undefined ? {} : { payload: { value: payload } }) },
});

/** Only as much of JSON Schema as these tests need: `required` of an object. */
function checkValue(schema: JsonValue, value: JsonValue) {
  const required = ((schema as JsonObject)['required'] ?? []) as readonly string[];
  if (typeof value !== 'object' || value === null) return [{ path: '', message: 'expected an object' }];
  return required
    .filter((name) => !(name in value))
    .map((name) => ({ path: `/${name}`, message: 'expected to be there' }));
}

const skillsOf = (entries: readonly SkillEntry[] = [FLIGHTS, HOTELS, WORDS]): Skills => ({
  entries: new Map(entries.map((entry) => [entry.id, entry])),
  checkValue,
});

const EXAMPLE = '; a valid one is {"city":"text"}';

describe('refuse', () => {
  test.each<[string, readonly SkillEntry[], string, string]>([
    [
      'an inactive composition',
      [aComposed('c/one', { active: false })],
      'composition_inactive',
      'not active',
    ],
    [
      'a composition of itself',
      [aComposed('c/one', { steps: ['c/one'] })],
      'composition_invalid',
      'c/one → c/one',
    ],
    [
      'a composition of what is not there',
      [aComposed('c/one', { steps: ['no/such'] })],
      'unknown_skill',
      'no/such',
    ],
    [
      'a payload that does not fit the composition',
      [aComposed('c/one', {}, { inputs: CITY_INPUTS })],
      'input_invalid',
      'for skill "c/one"',
    ],
    [
      'a payload that does not fit its first skill',
      [aComposed('c/one', { steps: ['travel/search_hotels'] })],
      'input_invalid',
      'for skill "travel/search_hotels"',
    ],
    [
      'a rollback of a skill in it that is not there',
      [aComposed('c/one', { steps: ['travel/book'] })],
      'unknown_skill',
      'travel/cancel',
    ],
    [
      'a rollback that is a composition',
      [aComposed('c/one', { steps: ['travel/book'] }), aComposed('travel/cancel')],
      'composition_invalid',
      'names the composition "travel/cancel" as its rollback',
    ],
  ])('refuses %s', (_, compositions, code, message) => {
    const skills = skillsOf([FLIGHTS, HOTELS, BOOKING, ...compositions]);
    expect(refuse(asked('c/one'), 'Sochi', skills)).toEqual({
      code,
      message: expect.stringContaining(message),
    });
  });

  const group = (size: number): Plan<RequestedStep> => ({
    kind: 'parallel',
    plans: Array.from({ length: size }, () => asked('travel/search_flights')),
  });

  test.each<[string, Plan<RequestedStep>, JsonValue, string, string]>([
    ['more than 500 steps', group(501), 'x', 'plan_too_large', 'Plan of 501 steps: expected at most 500'],
    ['an unknown skill', asked('no/such'), 'x', 'unknown_skill', 'Unknown skill "no/such"'],
    [
      'an unknown skill further on',
      { kind: 'sequence', plans: [asked('travel/search_flights'), asked('no/such')] },
      'x',
      'unknown_skill',
      'Unknown skill "no/such"',
    ],
    [
      'a payload of the wrong type',
      asked('travel/search_hotels'),
      'Sochi',
      'input_invalid',
      `Invalid payload for skill "travel/search_hotels": expected an object, got text, not JSON${EXAMPLE}`,
    ],
    [
      'a payload that lacks a field',
      asked('travel/search_hotels'),
      '{"town":"Sochi"}',
      'input_invalid',
      `Invalid payload /city for skill "travel/search_hotels": expected to be there, got nothing${EXAMPLE}`,
    ],
    [
      'a payload that does not fit a member of the first group',
      {
        kind: 'sequence',
        plans: [{ kind: 'parallel', plans: [asked('travel/search_flights'), asked('travel/search_hotels')] }],
      },
      {},
      'input_invalid',
      `Invalid payload /city for skill "travel/search_hotels": expected to be there, got nothing${EXAMPLE}`,
    ],
    [
      'a payload of its own that does not fit a later step',
      {
        kind: 'sequence',
        plans: [asked('travel/search_flights', 'Sochi'), asked('travel/search_hotels', 'Sochi')],
      },
      'x',
      'input_invalid',
      `Invalid payload for skill "travel/search_hotels": expected an object, got text, not JSON${EXAMPLE}`,
    ],
  ])('refuses %s', (_what, plan, payload, code, message) => {
    expect(refuse(plan, payload, skillsOf())).toEqual({ code, message });
  });

  test.each<[JsonValue, string]>([
    ['"Sochi"', 'text'],
    ['5', 'a number'],
    ['[]', 'a list'],
    [null, 'null'],
    [false, 'true or false'],
    [{ town: 'Sochi' }, 'an object'],
  ])('says what it understood by %j', (payload, kind) => {
    const skills = { ...skillsOf(), checkValue: () => [{ path: '', message: 'expected other' }] };
    expect(refuse(asked('travel/search_hotels'), payload, skills)?.message).toBe(
      `Invalid payload for skill "travel/search_hotels": expected other, got ${kind}`,
    );
  });

  test.each([
    ['cannot be made', false],
    ['is long', { type: 'object', examples: [{ city: 'x'.repeat(600) }] }],
  ])('shows no example that %s', (_, inputs) => {
    const entry = aSkill('a/b', { inputs });
    const checkValue = (_schema: JsonValue, value: JsonValue) =>
      value === '5' || value === 5 ? [{ path: '', message: 'no' }] : [];
    const skills = { entries: new Map([[entry.id, entry]]), checkValue };
    expect(refuse(asked('a/b'), 5, skills)?.message).toMatch(/: no, got [a-z ]+$/);
  });

  test.each<[string, Plan<RequestedStep>, JsonValue]>([
    ['500 steps', group(500), 'x'],
    ['any payload where there are no inputs', asked('travel/search_flights'), { any: 'thing' }],
    ['a payload that fits', asked('travel/search_hotels'), { city: 'Sochi' }],
    ['plain text for a skill that takes a query', asked('text/summarize'), 'Sochi'],
    [
      'a later step, which takes what the step before it returns',
      { kind: 'sequence', plans: [asked('travel/search_flights'), asked('travel/search_hotels')] },
      'x',
    ],
    ['a step with a payload of its own', asked('travel/search_hotels', { city: 'Sochi' }), 'x'],
    [
      'a payload of its own that travels by reference, which its step checks',
      {
        kind: 'step',
        step: { skill: parseSkillId('travel/search_hotels'), payload: { ref: 'a'.repeat(64), bytes: 9 } },
      },
      'x',
    ],
    ['an empty plan', { kind: 'sequence', plans: [] }, 'x'],
  ])('accepts %s', (_what, plan, payload) => {
    expect(refuse(plan, payload, skillsOf())).toBeUndefined();
  });
});

describe('refuse of a rollback', () => {
  test('refuses one that is not there', () => {
    expect(refuse(asked('travel/book'), 'x', skillsOf([BOOKING]))).toEqual({
      code: 'unknown_skill',
      message: 'Unknown skill "travel/cancel", which skill "travel/book" names as its rollback',
    });
  });

  test('accepts one that is', () => {
    expect(refuse(asked('travel/book'), 'x', skillsOf([BOOKING, aSkill('travel/cancel')]))).toBeUndefined();
  });
});

describe('refuseOrigin', () => {
  const plan: Plan<RequestedStep> = {
    kind: 'sequence',
    plans: [asked('travel/book'), asked('travel/book'), asked('travel/book')],
  };
  const origin = (from: number, ...steps: readonly number[]): Origin => ({
    runId: 'r',
    from,
    outputs: steps.map((step) => ({ step, output: { value: 'x' } })),
  });

  test.each<[string, Origin, object | undefined]>([
    ['from the start', origin(1), undefined],
    ['from a step whose predecessors have put something out', origin(3, 1, 2), undefined],
    [
      'from a step after one that has not',
      origin(3, 1),
      { code: 'step_not_run', message: 'Step 2 of run "r" has no output' },
    ],
    [
      'from nowhere',
      origin(0),
      { code: 'unknown_step', message: 'Unknown step 0: the plan has steps 1 to 3' },
    ],
    [
      'from beyond the end',
      origin(4),
      { code: 'unknown_step', message: 'Unknown step 4: the plan has steps 1 to 3' },
    ],
  ])('a run again %s', (_what, from, expected) => {
    expect(refuseOrigin(aRequest({ plan, origin: from }))).toEqual(expected);
  });

  test('accepts a run without an origin', () => {
    expect(refuseOrigin(aRequest())).toBeUndefined();
  });
});
