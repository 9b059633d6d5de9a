import { suggestExamples } from '../../../core/learning/suggested-examples.ts';

const asked = (...queries: readonly string[]) =>
  queries.map((query, day) => ({ query, at: `2026-01-0${day + 1}T00:00:00.000Z` }));

const suggested = (queries: readonly string[], known: readonly string[] = [], limit = 5) =>
  suggestExamples(asked(...queries), { known, limit });

describe('suggestExamples', () => {
  test('counts nearly equal queries as one, in the newest words, the most frequent first', () => {
    const queries = [
      'flights to Sochi',
      'a night train to Kazan',
      'Flights  to Sochi, please',
      'hotel in Rome',
    ];
    expect(suggested(queries)).toEqual([
      { query: 'Flights to Sochi, please', times: 2, last: '2026-01-03T00:00:00.000Z' },
      { query: 'hotel in Rome', times: 1, last: '2026-01-04T00:00:00.000Z' },
      { query: 'a night train to Kazan', times: 1, last: '2026-01-02T00:00:00.000Z' },
    ]);
  });

  test('leaves out what the manifest has already', () => {
    expect(suggested(['Flights to Sochi', 'hotel in Rome'], ['flights to Sochi?'])).toMatchObject([
      { query: 'hotel in Rome' },
    ]);
  });

  test.each([
    ['without words', '???'],
    ['that are too long', 'flight '.repeat(40)],
    ['with control characters', 'flights \u001b[31m to Sochi'],
    ['with invisible characters', 'flights \u202e to Sochi'],
    ['with half a character', 'flights \ud800 to Sochi'],
  ])('leaves out queries %s', (_, query) => {
    expect(suggested([query])).toEqual([]);
  });

  test.each([
    [1, 1],
    [0, 0],
  ])('gives at most %i', (limit, expected) => {
    expect(suggested(['flights to Sochi', 'hotel in Rome'], [], limit)).toHaveLength(expected);
  });
});
