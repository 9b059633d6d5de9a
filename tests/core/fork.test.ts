import type { Carried } from '../../core/carried.ts';
import { forkOf, handedOn, hasSameSteps } from '../../core/fork.ts';
import type { ForkAsk } from '../../core/fork.ts';
import { parseSteps } from '../../core/plan-steps.ts';

const PLAN = parseSteps(['a/one', 'b/two|c/three|d/four', 'e/five']);
const out = (value: string): Carried => ({ value });
const outputs = (...numbers: readonly number[]) =>
  new Map(numbers.map((number) => [number, out(`out ${number}`)]));

const fork = (more: Partial<ForkAsk> = {}) =>
  forkOf({ runId: 'r', plan: PLAN, outputs: outputs(1, 2, 3, 4), set: [], latest: false, ...more });

const does = (more: Partial<ForkAsk>) => fork(more).steps.map((step) => step.does);

describe('forkOf', () => {
  test('runs everything again where no step is named', () => {
    expect(fork()).toEqual({
      origin: { runId: 'r', from: 1, outputs: [] },
      steps: [
        { number: 1, skill: 'a/one', does: 'run' },
        { number: 2, skill: 'b/two', does: 'run' },
        { number: 3, skill: 'c/three', does: 'run' },
        { number: 4, skill: 'd/four', does: 'run' },
        { number: 5, skill: 'e/five', does: 'run' },
      ],
    });
  });

  test('takes over what the steps before the named one put out', () => {
    expect(fork({ from: 'e.five', latest: true }).origin).toEqual({
      runId: 'r',
      from: 5,
      latest: true,
      outputs: [1, 2, 3, 4].map((step) => ({ step, output: out(`out ${step}`) })),
    });
  });

  test('takes over the members of a group before the named one, and runs the others', () => {
    expect(does({ from: '3' })).toEqual(['recorded', 'recorded', 'run', 'run', 'run']);
  });

  test('takes what the caller says instead of an output, before and after the first step', () => {
    const set = [
      { step: '1', output: out('mine') },
      { step: 'd/four', output: out('also mine') },
    ];
    expect(does({ from: '2', set })).toEqual(['set', 'run', 'run', 'set', 'run']);
    expect(fork({ from: '2', set }).origin.outputs).toEqual([
      { step: 1, output: out('mine') },
      { step: 4, output: out('also mine') },
    ]);
  });

  test('refuses to begin after a step that put nothing out, unless the caller says what', () => {
    const broken = { outputs: outputs(1), from: '3' };
    expect(() => fork(broken)).toThrow(
      expect.objectContaining({
        code: 'step_not_run',
        message: 'Step 2 b/two of run "r" put nothing out',
        hint: 'Say what it should have put out: --set 2=<json>',
      }),
    );
    expect(does({ ...broken, set: [{ step: '2', output: out('x') }] })).toEqual([
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

describe('handedOn', () => {
  const handed = async (told: { outputs?: readonly number[]; skipped?: [number, Carried?][] }, plan = PLAN) =>
    Object.fromEntries(
      await handedOn(plan, out('payload'), {
        outputs: outputs(...(told.outputs ?? [])),
        skipped: new Map(told.skipped?.map(([step, edited]) => [step, edited])),
      }),
    );

  test('is what the steps put out, as far as the run came', async () => {
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
