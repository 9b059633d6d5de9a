import { withCorrection } from '../../../core/routing/corrections.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const [a, b, c, d] = ['a/a', 'b/b', 'c/c', 'd/d'].map(parseSkillId) as [never, never, never, never];
const routed: Routing = {
  status: 'low_confidence',
  skill: a,
  confidence: 0.4,
  alternatives: [
    { skill: b, confidence: 0.3 },
    { skill: c, confidence: 0.02 },
    { skill: d, confidence: 0.01 },
  ],
  reasons: ['the id has "flight"'],
};

test('the corrected skill is above the threshold, and the choice of the router is the first alternative', () => {
  const { status, confidence, alternatives, reasons } = withCorrection(routed, b, 0.5);
  expect([status, confidence, reasons]).toEqual(['routed', 0.95, ['corrected by feedback']]);
  expect(alternatives.map(({ skill }) => skill)).toEqual(['a/a', 'c/c', 'd/d']);
  expect(alternatives.every((other) => other.confidence <= 0.05 + 1e-9)).toBe(true);
});

test('a higher threshold is met', () => {
  expect(withCorrection(routed, a, 0.99)).toMatchObject({ status: 'routed', skill: 'a/a', confidence: 0.99 });
});

test('a query of which the router knows no skill is routed too', () => {
  const none: Routing = { status: 'no_skill_found', confidence: 0, alternatives: [], reasons: [] };
  expect(withCorrection(none, c, 0.5)).toMatchObject({ status: 'routed', skill: 'c/c', alternatives: [] });
});
