import { skillFields, skillItem } from '../../../core/skills/skill-document.ts';
import { aComposed, aSkill } from '../../support/builders.ts';

const FLIGHTS = aSkill('travel/search_flights', { tags: ['travel'], timeout: '5s' });

describe('skillItem', () => {
  test('has the fields for a list', () => {
    expect(skillItem(FLIGHTS)).toEqual({
      id: 'travel/search_flights',
      name: 'Search flights',
      description: 'Finds flights between two cities',
      version: '1.0.0',
      tags: ['travel'],
      deprecated: false,
    });
  });
});

test.each([
  ['active', true, {}],
  ['inactive', false, { active: false }],
])('an %s composition says so', (_, active, fields) => {
  const composed = aComposed('c/one', { steps: ['s/a', ['s/b', 's/c']], ...fields });
  expect(skillItem(composed)).toMatchObject({ id: 'c/one', active });
  expect(skillFields(composed)).toMatchObject({ active, steps: ['s/a', ['s/b', 's/c']] });
});

describe('skillFields', () => {
  test('fills in defaults and omits absent fields', () => {
    const fields = skillFields(FLIGHTS);
    expect(fields).toMatchObject({ timeout_ms: 5000, retry: { max_attempts: 1 }, tags: ['travel'] });
    expect(fields).not.toHaveProperty('cost');
    expect(fields).not.toHaveProperty('timeout');
    expect(fields).not.toHaveProperty('examples');
    expect(fields).not.toHaveProperty('inputs');
  });

  test('speaks of cost in decimal units', () => {
    expect(skillFields(aSkill('a/b', { cost: 0.25 }))).toMatchObject({ cost: 0.25 });
  });
});
