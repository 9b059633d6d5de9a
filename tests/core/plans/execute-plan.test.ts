import * as fc from 'fast-check';
import type { Carried } from '../../../core/values/carried.ts';
import { executePlan } from '../../../core/plans/execute-plan.ts';
import { mapPlan, stepsOf } from '../../../core/plans/plan.ts';
import type { Plan } from '../../../core/plans/plan.ts';
import { recordedRunner } from '../../support/plan-runner.ts';
import type { RecordedRunner } from '../../support/plan-runner.ts';

const step = (name: string): Plan<string> => ({ kind: 'step', step: name });
const sequence = (...plans: Plan<string>[]): Plan<string> => ({ kind: 'sequence', plans });
const parallel = (...plans: Plan<string>[]): Plan<string> => ({ kind: 'parallel', plans });
const INPUT: Carried = { value: 'in' };

/** What a step makes of its input: its name and what it saw. */
function outputOf(name: string, input: Carried): Carried {
  return { value: `${name}(${textOf(input)})` };
}

function textOf(carried: Carried): string {
  if ('parts' in carried) return carried.parts.map(textOf).join('+');
  return 'value' in carried ? (carried.value as string) : carried.ref;
}

/** Runs a plan whose steps end when the test says so. */
function controlled(plan: Plan<string>, parallelLimit: number) {
  const open = new Map<string, { succeed(): void; fail(): void }>();
  const runner = recordedRunner<string>({
    parallelLimit,
    work: (name, input) =>
      new Promise((resolve, reject) => {
        open.set(name, {
          succeed: () => resolve(outputOf(name, input)),
          fail: () => reject(new Error(`${name} failed`)),
        });
      }),
    stop: (name) =>
      new Promise<void>((resolve, reject) => {
        open.set(`stop ${name}`, { succeed: resolve, fail: () => reject(new Error(`${name} failed`)) });
      }),
  });
  const ended = executePlan(plan, INPUT, runner).then(textOf, (error: Error) => error.message);
  /** Lets everything happen that can happen by itself. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    runner,
    ended,
    running: () => [...runner.running],
    async end(name: string, how: 'succeed' | 'fail' = 'succeed') {
      await settle();
      open.get(name)?.[how]();
      await settle();
    },
  };
}

describe('executePlan', () => {
  const immediate = () =>
    recordedRunner<string>({ parallelLimit: 2, work: async (name, input) => outputOf(name, input) });

  test.each<[string, Plan<string>, Carried]>([
    ['a step', step('a'), { value: 'a(in)' }],
    ['a sequence', sequence(step('a'), step('b')), { value: 'b(a(in))' }],
    ['an empty sequence', sequence(), INPUT],
    ['an empty group', parallel(), { parts: [] }],
    [
      'a group',
      parallel(step('a'), step('b'), step('c')),
      { parts: ['a(in)', 'b(in)', 'c(in)'].map((value) => ({ value })) },
    ],
    [
      'a group between steps',
      sequence(step('a'), parallel(step('b'), step('c')), step('d')),
      { value: 'd(b(a(in))+c(a(in)))' },
    ],
    [
      'a group in a group',
      parallel(step('a'), parallel(step('b'), sequence(step('c'), step('d')))),
      { parts: [{ value: 'a(in)' }, { parts: [{ value: 'b(in)' }, { value: 'd(c(in))' }] }] },
    ],
  ])('hands outputs on through %s', async (_what, plan, expected) => {
    await expect(executePlan(plan, INPUT, immediate())).resolves.toEqual(expected);
  });

  test('keeps the declared order of a group for any order of completion', async () => {
    const run = controlled(parallel(step('a'), step('b')), 2);
    await run.end('b');
    await run.end('a');
    await expect(run.ended).resolves.toBe('a(in)+b(in)');
  });

  test('starts the next member only when one of the limit has ended', async () => {
    const run = controlled(parallel(step('a'), step('b'), step('c'), step('d')), 2);
    expect(run.running()).toEqual(['a', 'b']);
    await run.end('b');
    expect(run.running()).toEqual(['a', 'c']);
    await run.end('c');
    expect(run.running()).toEqual(['a', 'd']);
    await run.end('a');
    expect(run.running()).toEqual(['d']);
    await run.end('d');
    await expect(run.ended).resolves.toBe('a(in)+b(in)+c(in)+d(in)');
  });

  test('stops a sequence at the step that fails', async () => {
    const run = controlled(sequence(step('a'), step('b')), 1);
    await run.end('a', 'fail');
    await expect(run.ended).resolves.toBe('a failed');
    expect(run.runner.events.map(({ step: name }) => name)).not.toContain('b');
  });

  test('cancels the siblings of a failing member and rejects once they have stopped', async () => {
    const run = controlled(parallel(step('a'), sequence(step('b'), step('x')), step('c')), 2);
    let hasEnded = false;
    void run.ended.then(() => (hasEnded = true));
    await run.end('a', 'fail');
    expect(run.running()).toEqual(['b']); // still stopping
    expect(hasEnded).toBe(false);
    await run.end('stop b');
    await expect(run.ended).resolves.toBe('a failed');
    expect(run.runner.events.map(({ step: name }) => name)).toEqual(['a', 'b', 'a', 'b']); // neither x nor c began
  });

  test('keeps the first failure when a sibling fails while it stops', async () => {
    const run = controlled(parallel(step('a'), step('b')), 2);
    await run.end('b', 'fail');
    await run.end('stop a', 'fail');
    await expect(run.ended).resolves.toBe('b failed');
  });

  test('cancels groups inside a cancelled group', async () => {
    const run = controlled(parallel(step('a'), parallel(step('b'), step('c'))), 3);
    await run.end('a', 'fail');
    expect(run.running()).toEqual(['b', 'c']);
    await run.end('stop b');
    await run.end('stop c');
    await expect(run.ended).resolves.toBe('a failed');
  });

  test('leaves the siblings of another group alone', async () => {
    const run = controlled(sequence(parallel(step('a'), step('b')), parallel(step('c'), step('d'))), 2);
    await run.end('a');
    await run.end('b');
    await run.end('c', 'fail');
    await run.end('stop d');
    await expect(run.ended).resolves.toBe('c failed');
  });
});

describe('executePlan against a reference evaluator', () => {
  /** Steps are named by their path in the plan, so that each is unique and shows its groups. */
  interface Walked {
    readonly path: string;
    readonly fails: boolean;
  }

  const plans = fc.letrec<{ plan: Plan<boolean> }>((tie) => ({
    plan: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.record({
        kind: fc.constant('step' as const),
        step: fc.constantFrom(false, false, false, false, false, true),
      }),
      fc.record({ kind: fc.constant('sequence' as const), plans: fc.array(tie('plan'), { maxLength: 4 }) }),
      fc.record({ kind: fc.constant('parallel' as const), plans: fc.array(tie('plan'), { maxLength: 6 }) }),
    ),
  })).plan;

  function withPaths(plan: Plan<boolean>, path = ''): Plan<Walked> {
    if (plan.kind === 'step') return { kind: 'step', step: { path, fails: plan.step } };
    const mark = plan.kind === 'parallel' ? 'p' : 's';
    return {
      kind: plan.kind,
      plans: plan.plans.map((child, index) => withPaths(child, `${path}/${mark}${index}`)),
    };
  }

  /** What should come out, and what each step should see, with nothing at once and nothing failing. */
  function evaluate(plan: Plan<Walked>, input: Carried, seen: Map<string, string>): Carried {
    if (plan.kind === 'step') {
      seen.set(plan.step.path, textOf(input));
      return outputOf(plan.step.path, input);
    }
    if (plan.kind === 'parallel') return { parts: plan.plans.map((child) => evaluate(child, input, seen)) };
    return plan.plans.reduce((carried, child) => evaluate(child, carried, seen), input);
  }

  /** The most members of one group that ran at once. */
  function widestGroup(events: RecordedRunner<Walked>['events']): number {
    const running = new Set<string>();
    let widest = 0;
    for (const { kind, step: walked } of events) {
      if (kind === 'end') running.delete(walked.path);
      else running.add(walked.path);
      const members = new Map<string, Set<string>>();
      for (const path of running) {
        for (const { index } of path.matchAll(/\/p\d+/g)) {
          const group = path.slice(0, index);
          const member = path.slice(index).split('/')[1] as string;
          members.set(group, (members.get(group) ?? new Set()).add(member));
        }
      }
      widest = Math.max(widest, ...[...members.values()].map((each) => each.size));
    }
    return widest;
  }

  const run = (scheduler: fc.Scheduler, plan: Plan<Walked>, parallelLimit: number) => {
    const failures: string[] = [];
    const runner = recordedRunner<Walked>({
      parallelLimit,
      work: async ({ path, fails }, input) => {
        await scheduler.schedule(Promise.resolve(), path);
        if (!fails) return outputOf(path, input);
        failures.push(path);
        throw new Error(path);
      },
      stop: ({ path }) => scheduler.schedule(Promise.resolve(), `stop ${path}`),
    });
    const ended = executePlan(plan, INPUT, runner).then(
      (output) => ({ output, running: runner.running.size, events: runner.events.length }),
      (error: unknown) => ({ error, running: runner.running.size, events: runner.events.length }),
    );
    return { runner, ended, failures };
  };

  const limits = fc.integer({ min: 1, max: 4 });

  test('yields the same output, each step seeing the same input once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plans, limits, async (scheduler, shape, limit) => {
        const plan = withPaths(mapPlan(shape, () => false));
        const { runner, ended } = run(scheduler, plan, limit);
        await scheduler.waitFor(ended);
        const seen = new Map<string, string>();
        const expected = evaluate(plan, INPUT, seen);
        expect(await ended).toMatchObject({ output: expected });
        const started = runner.events.filter(({ kind }) => kind === 'start');
        expect(started).toHaveLength(stepsOf(plan).length);
        expect(new Map(started.map((event) => [event.step.path, textOf(event.input)]))).toEqual(seen);
        expect(widestGroup(runner.events)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test('ends with a genuine failure, after everything has stopped, and starts nothing afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plans, limits, async (scheduler, shape, limit) => {
        const plan = withPaths(shape);
        const { runner, ended, failures } = run(scheduler, plan, limit);
        await scheduler.waitFor(ended);
        const result = await ended;
        await scheduler.waitAll();
        const seen = new Map<string, string>();
        evaluate(plan, INPUT, seen);
        const started = runner.events.filter(({ kind }) => kind === 'start');
        expect(new Set(started.map((event) => event.step.path)).size).toBe(started.length);
        for (const event of started) expect(textOf(event.input)).toBe(seen.get(event.step.path));
        expect(widestGroup(runner.events)).toBeLessThanOrEqual(limit);
        expect(result).toMatchObject({ running: 0, events: runner.events.length });
        if (failures.length === 0) expect(result).toHaveProperty('output');
        else expect(failures).toContain(('error' in result ? (result.error as Error) : undefined)?.message);
      }),
    );
  });

  test('ends with the failure that came first in a flat group', async () => {
    const members = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), members, limits, async (scheduler, fails, limit) => {
        const plan = withPaths({
          kind: 'parallel',
          plans: fails.map((isFailing) => ({ kind: 'step', step: isFailing })),
        });
        const { ended, failures } = run(scheduler, plan, limit);
        await scheduler.waitFor(ended);
        const result = await ended;
        if (fails.includes(true)) expect(result).toMatchObject({ error: { message: failures[0] } });
        else expect(result).toHaveProperty('output');
      }),
    );
  });

  test('stops when it is cancelled from outside', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plans, fc.nat(10), async (scheduler, shape, after) => {
        const plan = withPaths(mapPlan(shape, () => false));
        const { runner, ended } = run(scheduler, plan, 3);
        for (let turn = 0; turn < after && scheduler.count() > 0; turn++) await scheduler.waitOne();
        runner.cancelAll();
        await scheduler.waitFor(ended);
        expect(await ended).toMatchObject({ running: 0, events: runner.events.length });
      }),
    );
  });
});
