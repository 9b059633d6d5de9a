import * as fc from 'fast-check';
import { conceptsByStem } from '../../../core/routing/concepts.ts';
import { buildRoutingIndex } from '../../../core/routing/routing-index.ts';
import type { RoutingDocument } from '../../../core/routing/routing-index.ts';
import { routeQuery } from '../../../core/routing/routing.ts';
import type { Routing, RoutingQuery } from '../../../core/routing/routing.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aDocument, arbitraryDocuments, arbitraryQuery } from '../../support/routing-documents.ts';

const CONCEPTS = conceptsByStem();

const FLIGHTS = aDocument('travel/search_flights', 'Search flights between two cities', { tags: ['Travel'] });
const HOTELS = aDocument('travel/search_hotels', 'Search hotels in a city', { tags: ['travel'] });
const CATALOG = [
  FLIGHTS,
  HOTELS,
  aDocument('admin/delete_records', 'Delete records of a table', { tags: ['admin'] }),
  aDocument('admin/list_users', 'List the users of the system', { tags: ['admin'] }),
  aDocument('finance/convert_currency', 'Convert an amount between currencies', { tags: ['money'] }),
  aDocument('text/summarize', 'Extract the main sentences of a text', {
    examples: ['Give me the gist of it'],
  }),
  aDocument('wetter/vorhersage', 'Sagt das Wetter der nächsten Tage voraus', { name: 'Wettervorhersage' }),
  aDocument('mail/send', 'Отправляет письмо по электронной почте', { name: 'Отправить письмо' }),
];
const INDEX = buildRoutingIndex(CATALOG);

function route(
  text: string,
  more: Partial<RoutingQuery> = {},
  documents?: readonly RoutingDocument[],
): Routing {
  const index = documents === undefined ? INDEX : buildRoutingIndex(documents, CONCEPTS);
  return routeQuery(index, { text, minConfidence: 0.5, ...more });
}

describe('routeQuery', () => {
  test.each([
    ['Find flights to Sochi', 'travel/search_flights'],
    ['Найди рейсы в Сочи', 'travel/search_flights'],
    ['Знайди рейси до Сочі', 'travel/search_flights'],
    ['Finde Flüge nach Sotschi', 'travel/search_flights'],
    ['Search hotels in Rome', 'travel/search_hotels'],
    ['Suche Hotels in Berlin', 'travel/search_hotels'],
    ['Delete records', 'admin/delete_records'],
    ['Удали записи', 'admin/delete_records'],
    ['Видали записи', 'admin/delete_records'],
    ['Lösche alle Datensätze', 'admin/delete_records'],
    ['remove all entries', 'admin/delete_records'],
    ['List users', 'admin/list_users'],
    ['Список пользователей', 'admin/list_users'],
    ['Список користувачів', 'admin/list_users'],
    ['Benutzer auflisten', 'admin/list_users'],
    ['convertCurrency', 'finance/convert_currency'],
    ['admin.list_users', 'admin/list_users'],
    ['give me the gist of this', 'text/summarize'],
    ['Wie wird das Wetter morgen?', 'wetter/vorhersage'],
    ['weather forecast', 'wetter/vorhersage'],
    ['отправь письмо', 'mail/send'],
    ['send an email to Anna', 'mail/send'],
  ])('routes %j to %s', (text, expected) => {
    expect(route(text)).toMatchObject({ status: 'routed', skill: expected });
  });

  describe('skills that cannot be told apart are not chosen between', () => {
    const copy = (id: string, more: Partial<RoutingDocument> = {}): RoutingDocument => ({
      ...FLIGHTS,
      id: parseSkillId(id),
      ...more,
    });

    test.each([
      ['equal skills', copy('travel/flights_search')],
      ['a copy with a word more in its id', copy('travel/search_flights_copy')],
      ['a second version', copy('travel/search_flights_v2', { name: 'Search flights v2' })],
      ['a copy in another domain', copy('trips/search_flights')],
      ['a skill and its composition', copy('travel/search_flights_flow', { tags: ['travel', 'composed'] })],
    ])('%s', (_, other) => {
      const catalog = [...CATALOG, other].sort((a, b) => (a.id < b.id ? -1 : 1));
      for (const text of ['search flights', 'Find flights to Sochi', 'search flights between two cities']) {
        const routing = route(text, {}, catalog);
        expect(routing).toMatchObject({ status: 'low_confidence' });
        expect(routing.confidence).toBeLessThanOrEqual(0.45);
      }
    });

    test('of ten copies the first by id leads', () => {
      const copies = Array.from({ length: 10 }, (_, number) => copy(`demo/flights-${number}`));
      const routing = route('search flights', {}, copies);
      expect(routing).toMatchObject({ status: 'low_confidence', skill: 'demo/flights-0' });
    });

    test('a word of one of them decides', () => {
      const catalog = [FLIGHTS, copy('travel/search_trains', { name: 'Search trains' })];
      expect(route('search trains', {}, catalog)).toMatchObject({
        status: 'routed',
        skill: 'travel/search_trains',
      });
    });
  });

  test.each([
    'what is the meaning of life',
    'в чём смысл жизни',
    'asdf qwer',
    'tell me a joke about cats',
    '',
    '  ',
    '🙂',
    '42',
    'please',
  ])('abstains on %j', (text) => {
    expect(route(text).status).not.toBe('routed');
  });

  test.each([
    ['Delete records', 'routed'],
    ['delete', 'routed'],
    ['Find flights to Sochi', 'no_skill_found'],
    ['asdf qwer', 'no_skill_found'],
  ])('routes %j as %s with one skill', (text, status) => {
    expect(route(text, {}, [CATALOG[2] as RoutingDocument]).status).toBe(status);
  });

  test('finds no skill in an empty index', () => {
    expect(route('anything', {}, [])).toEqual({
      status: 'no_skill_found',
      confidence: 0,
      alternatives: [],
      reasons: ['no skill contains a word of the query'],
    });
  });

  test('is as strict as asked', () => {
    expect(route('Find flights to Sochi', { minConfidence: 1 }).status).toBe('low_confidence');
    expect(route('cities', { minConfidence: 0 }).status).toBe('routed');
  });

  test('keeps to the tags', () => {
    expect(route('search flights', { tags: ['admin'] })).not.toMatchObject({ skill: FLIGHTS.id });
    expect(route('search flights', { tags: ['x', ' TRAVEL'] })).toMatchObject({ skill: FLIGHTS.id });
  });

  test('never mentions a skill that the caller may not run', () => {
    const answer = route('search flights and hotels', { isAllowed: (id) => id !== FLIGHTS.id });
    expect(answer).toMatchObject({ skill: HOTELS.id });
    expect(JSON.stringify(answer)).not.toContain(FLIGHTS.id);
  });

  test('folds the weight in', () => {
    const weightOf: RoutingQuery['weightOf'] = (id) => (id === FLIGHTS.id ? 0.1 : 1);
    expect(route('search flights', { weightOf })).not.toMatchObject({ skill: FLIGHTS.id });
  });

  test('offers the replacement of a deprecated skill, with a reason', () => {
    const air = aDocument('travel/air', 'Planes');
    const old = { ...FLIGHTS, deprecated: true, replacement: air.id };
    const answer = route('search flights', {}, [old, air, HOTELS]);
    expect(answer).toMatchObject({ status: 'routed', skill: air.id, replaces: FLIGHTS.id });
    expect(answer.reasons[0]).toBe('replaces deprecated travel/search_flights');
  });

  test('names the words that matched, and their synonyms', () => {
    expect(route('Find flights to Sochi').reasons).toEqual(['matches "flights"', 'has a synonym of "find"']);
  });

  test('gives the reason for a match in spelling only', () => {
    expect(route('flihgts').reasons).toEqual(['resembles the query in spelling only']);
  });

  test('lets examples count', () => {
    const hostel = { ...HOTELS, examples: ['somewhere to crash tonight'] };
    expect(route('where can we crash tonight', {}, [FLIGHTS, hostel])).toMatchObject({ skill: HOTELS.id });
  });

  test('is never sure of stop words alone, not even those of an example', () => {
    const documents = [
      ...CATALOG,
      aDocument('chat/mood', 'Small talk', { examples: ['how are you', 'so be it'] }),
    ];
    expect(route('and how are you', {}, documents)).toMatchObject({
      status: 'low_confidence',
      skill: 'chat/mood',
    });
    expect(route('it', {}, documents).status).toBe('no_skill_found');
  });

  test('gives skills without examples their due', () => {
    const documents = [FLIGHTS, { ...HOTELS, examples: ['search hotels in Rome', 'find me a hotel'] }];
    expect(route('search flights to Rome', {}, documents)).toMatchObject({ skill: FLIGHTS.id });
  });

  test('gives alternatives in order, three at most, that leave the best its share', () => {
    fc.assert(
      fc.property(arbitraryDocuments, arbitraryQuery, (documents, text) => {
        const answer = route(text, {}, documents);
        const chances = [answer.confidence, ...answer.alternatives.map(({ confidence }) => confidence)];
        expect(chances.length).toBeLessThanOrEqual(4);
        expect(chances).toEqual(chances.toSorted((a, b) => b - a));
        expect(chances.every((chance) => chance >= 0 && chance <= 1)).toBe(true);
        expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  test('offers no deprecated skill, and answers the same each time and for any order of the documents', () => {
    fc.assert(
      fc.property(arbitraryDocuments, arbitraryQuery, (documents, text) => {
        const answer = route(text, {}, documents);
        const offered = answer.status === 'no_skill_found' ? [] : [answer, ...answer.alternatives];
        const inUse = new Set(documents.filter((document) => !document.deprecated).map(({ id }) => id));
        expect(offered.filter(({ skill }) => !inUse.has(skill))).toEqual([]);
        expect(route(text, {}, documents)).toEqual(answer);
        expect(route(text, {}, documents.toReversed())).toEqual(answer);
      }),
    );
  });

  test.each([
    ['1 MB of words', 'find flights '.repeat(80_000)],
    ['1 MB without a space', 'a'.repeat(1_000_000)],
    ['1 MB of one ligature', '\uFDFA'.repeat(1_000_000)],
    ['lone surrogates', '\uD800flights\uDC00'],
    ['zero-width characters', '\u200Bfli\u200Dghts\uFEFF'],
    ['emoji', '👩‍👩‍👧 flights ✈️'],
    ['combining marks', 'f\u0301'.repeat(5000)],
    ['control characters', '\u0000\u001B[31mflights'],
  ])('answers %s within a second', (_, text) => {
    const start = performance.now();
    expect(route(text).confidence).toBeLessThanOrEqual(1);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('routeQuery with an embedding model', () => {
  /** As if the model found these skills close to the query. */
  const close = (closest: Readonly<Record<string, number>>) => ({
    similarity: Float32Array.from(INDEX.skills, ({ id }) => closest[id] ?? 0),
  });

  test('finds a skill without a common word, and says why', () => {
    const routing = route('somewhere to sleep in Sochi', close({ 'travel/search_hotels': 0.9 }), CATALOG);
    expect(routing).toMatchObject({ status: 'routed', skill: 'travel/search_hotels' });
    expect(routing.reasons).toContain('similar in meaning: 0.90');
  });

  test('finds a skill for a query of stop words', () => {
    expect(route('where to', close({ 'travel/search_flights': 0.9 }))).toMatchObject({
      skill: 'travel/search_flights',
    });
  });

  test('does not choose between skills that are equally close', () => {
    const both = close({ 'travel/search_flights': 0.8, 'travel/search_hotels': 0.8 });
    expect(route('somewhere nice', both)).toMatchObject({ status: 'low_confidence' });
  });

  test('does not choose between them if feedback favours one', () => {
    const both = close({ 'travel/search_flights': 0.8, 'travel/search_hotels': 0.8 });
    const weightOf = (id: string) => (id === 'travel/search_hotels' ? 1.02 : 0.98);
    expect(route('somewhere nice', { ...both, weightOf })).toMatchObject({
      status: 'low_confidence',
      skill: 'travel/search_hotels',
    });
  });

  test('abstains if nothing is close', () => {
    expect(route('xyzzy', close({ 'mail/send': 0.001 }))).toMatchObject({ status: 'no_skill_found' });
  });
});
