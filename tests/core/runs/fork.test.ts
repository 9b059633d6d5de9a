import type { Carried } from '../../../core/values/carried.ts';
import { forkOf, forwardedOutputs, hasSameSteps } from '../../../core/runs/fork.ts';
import type { ForkRequest } from '../../../core/runs/fork.ts';
import { parseSteps } from '../../../core/plans/plan-steps.ts';

const PLAN = parseSteps(['a/one', 'b/two|c/three|d/four', 'e/five']);
const out = (value: string): Carried => ({ value });
const outputs = (...numbers: readonly number[]) =>
  new Map(numbers.map((number) => [number, out(`out ${number}`)]));

const fork = (more: Partial<ForkRequest> = {}) =>
  forkOf({ runId: 'r', plan: PLAN, outputs: outputs(1, 2, 3, 4), set: [], latest: false, ...more });

const sources = (more: Partial<ForkRequest>) => fork(more).steps.map((step) => step.source);

describe('forkOf', () => {
  test('runs all steps again without a named step', () => {
    expect(fork()).toEqual({
      origin: { runId: 'r', from: 1, outputs: [] },
      steps: [
        { number: 1, skill: 'a/one', source: 'run' },
        { number: 2, skill: 'b/two', source: 'run' },
        { number: 3, skill: 'c/three', source: 'run' },
        { number: 4, skill: 'd/four', source: 'run' },
        { number: 5, skill: 'e/five', source: 'run' },
      ],
    });
  });

  test('uses the outputs of the steps before the named one', () => {
    expect(fork({ from: 'e.five', latest: true }).origin).toEqual({
      runId: 'r',
      from: 5,
      latest: true,
      outputs: [1, 2, 3, 4].map((step) => ({ step, output: out(`out ${step}`) })),
    });
  });

  test('takes over the members of a group before the named one, and runs the others', () => {
    expect(sources({ from: '3' })).toEqual(['recorded', 'recorded', 'run', 'run', 'run']);
  });

  test('uses outputs set by the caller, before and after the first step', () => {
    const set = [
      { step: '1', output: out('mine') },
      { step: 'd/four', output: out('also mine') },
    ];
    expect(sources({ from: '2', set })).toEqual(['set', 'run', 'run', 'set', 'run']);
    expect(fork({ from: '2', set }).origin.outputs).toEqual([
      { step: 1, output: out('mine') },
      { step: 4, output: out('also mine') },
    ]);
  });

  test('refuses to start after a step without an output, unless the caller sets it', () => {
    const broken = { outputs: outputs(1), from: '3' };
    expect(() => fork(broken)).toThrow(
      expect.objectContaining({
        code: 'step_not_run',
        message: 'Step 2 b/two of run "r" has no output',
        hint: 'Set its output: --set 2=<json>',
      }),
    );
    expect(sources({ ...broken, set: [{ step: '2', output: out('x') }] })).toEqual([
      'recorded',
      'set',
      'run',
      'run',
      'run',
    ]);
  });

  test.each([{ from: '6' }, { from: 'x/y' }, { set: [{ step: '0', output: out('x') }] }])(
    'refuses the unknown step of %j',
    (more) => {
      expect(() => fork(more)).toThrow(expect.objectContaining({ code: 'unknown_step' }));
    },
  );
});

describe('forwardedOutputs', () => {
  const handed = async (told: { outputs?: readonly number[]; skipped?: [number, Carried?][] }, plan = PLAN) =>
    Object.fromEntries(
      await forwardedOutputs(plan, out('payload'), {
        outputs: outputs(...(told.outputs ?? [])),
        skipped: new Map(told.skipped?.map(([step, edited]) => [step, edited])),
      }),
    );

  test('is the outputs of the completed steps', async () => {
    expect(await handed({})).toEqual({});
    expect(await handed({ outputs: [1, 3] })).toEqual({ 1: out('out 1'), 3: out('out 3') });
  });

  test('is the input of a step that was left out', async () => {
    expect(await handed({ skipped: [[1]], outputs: [2, 3, 4] })).toMatchObject({ 1: out('payload') });
    expect(await handed({ outputs: [1, 3, 4], skipped: [[2], [5]] })).toEqual({
      1: out('out 1'),
      2: out('out 1'),
      3: out('out 3'),
      4: out('out 4'),
      5: { parts: [out('out 1'), out('out 3'), out('out 4')] },
    });
  });

  test('is the edited input of a step that was left out after an edit', async () => {
    expect(await handed({ skipped: [[1, out('edited')]] })).toEqual({ 1: out('edited') });
  });

  test('is the own payload of a step that was left out', async () => {
    const plan = { kind: 'step', step: { skill: 'a/one' as never, payload: out('own') } } as const;
    expect(await handed({ skipped: [[1]] }, plan)).toEqual({ 1: out('own') });
  });
});

describe('hasSameSteps', () => {
  test.each([
    [['a/one', 'b/two|c/three'], true],
    [['a/one', 'b/two'], false],
    [['a/one', 'c/three|b/two'], false],
    [['a/one', 'b/two', 'c/three'], false],
  ])('compares with %j', (steps, expected) => {
    expect(hasSameSteps(parseSteps(['a/one', 'b/two|c/three']), parseSteps(steps))).toBe(expected);
  });
});
