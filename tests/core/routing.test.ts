import { buildRoutingIndex } from '../../core/routing-index.ts';
import type { RoutingDocument } from '../../core/routing-index.ts';
import { routeQuery } from '../../core/routing.ts';
import type { Routing } from '../../core/routing.ts';
import { parseSkillId } from '../../core/skill-id.ts';

function skill(id: string, description: string, more: Partial<RoutingDocument> = {}): RoutingDocument {
  const skillId = parseSkillId(id);
  const name = id.slice(id.indexOf('/') + 1).replaceAll('_', ' ');
  return { id: skillId, name, description, tags: [], examples: [], ...more };
}

const FLIGHTS = skill('travel/search_flights', 'Search flights between two cities', { tags: ['Travel'] });
const HOTELS = skill('travel/search_hotels', 'Search hotels in a city', { tags: ['travel'] });
const DELETE = skill('admin/delete_records', 'Delete records from the table', { tags: ['admin'] });
const USERS = skill('admin/list_users', 'List the users of the system', { tags: ['admin'] });
const CATALOG = [FLIGHTS, HOTELS, DELETE, USERS];

function route(
  text: string,
  more: Partial<Parameters<typeof routeQuery>[1]> = {},
  documents = CATALOG,
): Routing {
  return routeQuery(buildRoutingIndex(documents), { text, minConfidence: 0.5, ...more });
}

describe('routeQuery', () => {
  test.each([
    ['Find flights to Sochi', 'travel/search_flights'],
    ['Delete records', 'admin/delete_records'],
    ['List users', 'admin/list_users'],
  ])('routes %j', (text, expected) => {
    expect(route(text)).toMatchObject({ status: 'routed', skill: expected });
  });

  test.each(['what is the meaning of life', 'asdf qwer', '', '  ', '🙂', '42'])('abstains on %j', (text) => {
    expect(route(text).status).not.toBe('routed');
  });

  test('finds no skill in an empty catalog', () => {
    expect(route('anything', {}, [])).toMatchObject({
      status: 'no_skill_found',
      confidence: 0,
      alternatives: [],
    });
  });

  test('offers only skills with one of the tags, whatever the case', () => {
    expect(route('search hotels', { tags: ['ADMIN'] }).status).not.toBe('routed');
    expect(route('search flights', { tags: ['x', ' travel'] })).toMatchObject({ skill: FLIGHTS.id });
  });

  test('never mentions a skill that the caller may not run', () => {
    const answer = route('search flights and hotels', { isAllowed: (id) => id !== FLIGHTS.id });
    expect(JSON.stringify(answer)).not.toContain(FLIGHTS.id);
  });

  test('offers the replacement of a deprecated skill and says so', () => {
    const old = { ...FLIGHTS, deprecated: true, replacement: parseSkillId('travel/air') };
    const answer = route('search flights', {}, [old, skill('travel/air', 'Planes'), HOTELS]);
    expect(answer).toMatchObject({ skill: 'travel/air', replaces: FLIGHTS.id });
    expect(answer.reasons).toContain('replaces deprecated travel/search_flights');
  });

  test('names what matched', () => {
    expect(route('Find flights to Sochi').reasons).toContain('matches "flights"');
  });
});
