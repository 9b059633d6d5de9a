import { queryMemory, queryTerms } from '../../../core/learning/query-memory.ts';
import { aFeedback } from '../../support/feedback.ts';

describe('queryTerms', () => {
  test.each([
    ['Find flights to Sochi', ['find', 'flight', 'sochi']],
    ['find the flights, flights to SOCHI please', ['find', 'flight', 'sochi']],
    ['to the', ['the', 'to']],
    ['', []],
  ])('%j gives %j', (text, expected) => {
    expect(queryTerms(text)).toEqual(expected);
  });
});

const SOCHI = 'Find cheap flights to Sochi';

describe('queryMemory', () => {
  const memory = queryMemory([
    aFeedback('travel/plan_trip', 'travel/search_flights', { query: SOCHI }),
    aFeedback('travel/search_hotels', undefined, { query: 'A room for the night in Paris' }),
    aFeedback('ops/first'),
  ]);

  test.each([
    [SOCHI, 'travel/search_flights'],
    ['find CHEAP flights to sochi, please', 'travel/search_flights'],
    ['Find me some cheap direct flights to Sochi', 'travel/search_flights'],
    ['a room for a night in Paris', 'travel/search_hotels'],
    // Another city, another thing, and texts without words.
    ['Find cheap flights to Paris', undefined],
    ['Find hotels in Sochi', undefined],
    ['', undefined],
    ['???', undefined],
  ])('%j goes to %j', (text, expected) => {
    expect(memory.find(text)).toBe(expected);
  });

  test.each<[string, readonly (readonly [string, string])[], string]>([
    ['the last vote of one person', [['ann', 'a/a'], ['ann', 'b/b']], 'b/b'], // prettier-ignore
    ['most people', [['ann', 'a/a'], ['bob', 'a/a'], ['eve', 'b/b']], 'a/a'], // prettier-ignore
    ['the last of equally many', [['ann', 'a/a'], ['bob', 'b/b']], 'b/b'], // prettier-ignore
    ['one vote for each person', [['ann', 'a/a'], ['bob', 'a/a'], ...many('eve', 'b/b')], 'a/a'], // prettier-ignore
  ])('%s counts', (_, votes, expected) => {
    const entries = votes.map(([subject, skill]) => aFeedback('x/x', skill, { query: SOCHI, subject }));
    expect(queryMemory(entries).find(SOCHI)).toBe(expected);
  });

  test('the most similar query decides', () => {
    const entries = [
      aFeedback('x/x', 'a/a', { query: 'cheap direct flights to Sochi on friday' }),
      aFeedback('x/x', 'b/b', { query: 'cheap direct flights to Sochi on friday evening' }),
      aFeedback('x/x', 'c/c', { query: 'cheap flights to Sochi on friday' }),
    ];
    expect(queryMemory(entries).find('Cheap direct flights to Sochi on Friday')).toBe('a/a');
    expect(queryMemory(entries.toReversed()).find('Cheap direct flights to Sochi on Friday')).toBe('a/a');
  });

  test('without queries nothing is known', () => {
    expect(queryMemory([]).find('')).toBeUndefined();
    expect(queryMemory([aFeedback('a/a')]).find(SOCHI)).toBeUndefined();
  });
});

function many(subject: string, skill: string): (readonly [string, string])[] {
  return Array.from({ length: 100 }, () => [subject, skill] as const);
}
