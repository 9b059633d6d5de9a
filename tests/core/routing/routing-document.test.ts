import { chosenByCaller, routedDocument, routingDocument } from '../../../core/routing/routing-document.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const flights = parseSkillId('travel/search_flights');
const trains = parseSkillId('travel/find_trains');

const ROUTED: Routing = {
  status: 'routed',
  skill: flights,
  confidence: 0.9,
  alternatives: [{ skill: trains, confidence: 0.1 }],
  reasons: ['matches "flights"'],
  replaces: trains,
};
const NONE: Routing = { status: 'no_skill_found', confidence: 0, alternatives: [], reasons: [] };

describe('routingDocument', () => {
  test('names the deprecated skill that was asked for', () => {
    expect(routingDocument(ROUTED)).toEqual({
      status: 'routed',
      skill: flights,
      confidence: 0.9,
      alternatives: [{ skill: trains, confidence: 0.1 }],
      reasons: ['matches "flights"'],
      replaces: trains,
    });
  });

  test('has no skill if none was found', () => {
    expect(routingDocument(NONE)).toEqual(NONE);
  });
});

describe('routedDocument', () => {
  test('is a run without steps', () => {
    expect(routedDocument(chosenByCaller(flights))).toEqual({
      schema: 'skillos.run/v1',
      status: 'routed',
      skill: flights,
      routing: {
        status: 'routed',
        skill: flights,
        confidence: 1,
        alternatives: [],
        reasons: ['chosen by the caller'],
      },
      steps: [],
    });
  });

  test('is empty without skills', () => {
    expect(routedDocument(NONE)).not.toHaveProperty('skill');
  });
});
