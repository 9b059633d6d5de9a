import { parseSteps } from '../../../core/plans/plan-steps.ts';
import type { Plan } from '../../../core/plans/plan.ts';

const step = (skill: string) => ({ kind: 'step', step: { skill } }) as unknown as Plan<never>;

describe('parseSteps', () => {
  test.each<[string, readonly string[], Plan<never>]>([
    ['a single step as itself', ['a/x'], step('a/x')],
    ['several as a sequence', ['a/x', 'b/y'], { kind: 'sequence', plans: [step('a/x'), step('b/y')] }],
    ['a pipe as a group', ['a/x|b/y'], { kind: 'parallel', plans: [step('a/x'), step('b/y')] }],
    ['a comma as a group', ['a/x,b/y'], { kind: 'parallel', plans: [step('a/x'), step('b/y')] }],
    ['dots and spaces', [' a.x | b.y '], { kind: 'parallel', plans: [step('a/x'), step('b/y')] }],
    [
      'groups between steps',
      ['a/x', 'b/y|c/z', 'a/x'],
      {
        kind: 'sequence',
        plans: [step('a/x'), { kind: 'parallel', plans: [step('b/y'), step('c/z')] }, step('a/x')],
      },
    ],
  ])('reads %s', (_what, texts, expected) => {
    expect(parseSteps(texts)).toEqual(expected);
  });

  test.each<[string, readonly string[], string, string]>([
    ['no step', [], 'pipeline_steps_required', 'Expected at least one step, got none'],
    [
      'an empty step',
      ['a/x', ' '],
      'pipeline_steps_required',
      'Invalid step " ": expected a skill id, or several joined by | or a comma',
    ],
    [
      'an empty member',
      ['a/x||b/y'],
      'pipeline_steps_required',
      'Invalid step "a/x||b/y": expected a skill id, or several joined by | or a comma',
    ],
    [
      'a member missing at the end of a long step',
      ['a/x,'.repeat(30)],
      'pipeline_steps_required',
      `Invalid step "${'a/x,'.repeat(30).slice(0, 77)}...": expected a skill id, or several joined by | or a comma`,
    ],
    [
      'what is no id',
      ['a/x', 'B'],
      'invalid_skill_id',
      'Invalid skill id "B": expected domain/name (or domain.name), each part 1 to 63 of a-z 0-9 _ - and starting with a letter or digit',
    ],
    [
      'more than 500 steps',
      [Array.from({ length: 250 }, () => 'a/x').join('|'), ...Array.from({ length: 251 }, () => 'a/x')],
      'plan_too_large',
      'Plan of 501 steps: expected at most 500',
    ],
    [
      '10,000 steps, whatever they are',
      Array.from({ length: 10_000 }, () => '|'),
      'plan_too_large',
      'Plan of 20000 steps: expected at most 500',
    ],
  ])('refuses %s', (_what, texts, code, message) => {
    expect(() => parseSteps(texts)).toThrow(expect.objectContaining({ code, message }));
  });

  test('takes 500 steps', () => {
    expect(parseSteps(Array.from({ length: 500 }, () => 'a/x'))).toMatchObject({ kind: 'sequence' });
  });
});
