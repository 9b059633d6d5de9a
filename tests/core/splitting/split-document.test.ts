import type { Plan } from '../../../core/plans/plan.ts';
import type { Segment } from '../../../core/splitting/interpretation.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { segmentDocuments } from '../../../core/splitting/split-document.ts';

const segment = (id: string): Plan<Segment> => {
  const skill = parseSkillId(id);
  const routing: Routing = { status: 'routed', skill, confidence: 0.9, alternatives: [], reasons: ['x'] };
  return { kind: 'step', step: { text: `do ${id}`, skill, routing } };
};

function document(id: number, group: number, skill: string) {
  const routing = { status: 'routed', skill, confidence: 0.9, alternatives: [], reasons: ['x'] };
  return { id, skill, group, query: `do ${skill}`, routing };
}

describe('segmentDocuments', () => {
  test('numbers steps as in the run, with their groups', () => {
    const group: Plan<Segment> = { kind: 'parallel', plans: [segment('a/x'), segment('b/y')] };
    expect(segmentDocuments({ kind: 'sequence', plans: [group, segment('c/z')] })).toEqual([
      document(1, 1, 'a/x'),
      document(2, 1, 'b/y'),
      document(3, 2, 'c/z'),
    ]);
    expect(segmentDocuments(group)).toEqual([document(1, 1, 'a/x'), document(2, 1, 'b/y')]);
  });
});
