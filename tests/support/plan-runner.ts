/** A `PlanRunner` outside Temporal: scopes that cancel like Temporal's, and a record of what ran. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Carried } from '../../core/values/carried.ts';
import type { PlanRunner } from '../../core/plans/execute-plan.ts';

class Cancelled extends Error {}

interface Scope {
  isCancelled: boolean;
  readonly children: Set<Scope>;
  readonly onCancel: Set<() => void>;
}

export interface RecordedRunner<Step> extends PlanRunner<Step> {
  /** `start` and `end` of each step, in order of time. */
  readonly events: readonly {
    readonly kind: 'start' | 'end';
    readonly step: Step;
    readonly input: Carried;
  }[];
  /** Steps that began and did not end. */
  readonly running: ReadonlySet<Step>;
  cancelAll(): void;
}

/**
 * `work` does a step; it is raced against the cancellation of the step's scope, and `stop` then takes the time that a
 * step needs to stop.
 */
export function recordedRunner<Step>(options: {
  readonly parallelLimit: number;
  readonly work: (step: Step, input: Carried) => Promise<Carried>;
  readonly stop?: (step: Step) => Promise<unknown>;
}): RecordedRunner<Step> {
  const { parallelLimit, work, stop } = options;
  const top = newScope();
  const current = new AsyncLocalStorage<Scope>();
  const events: { kind: 'start' | 'end'; step: Step; input: Carried }[] = [];
  const running = new Set<Step>();
  return {
    events,
    running,
    parallelLimit,
    cancelAll: () => cancelScope(top),
    async runStep(step, input) {
      const scope = current.getStore() ?? top;
      if (scope.isCancelled) throw new Cancelled();
      events.push({ kind: 'start', step, input });
      running.add(step);
      try {
        return await Promise.race([work(step, input), cancellation(scope)]);
      } catch (error) {
        if (error instanceof Cancelled) await stop?.(step);
        throw error;
      } finally {
        running.delete(step);
        events.push({ kind: 'end', step, input });
      }
    },
    inScope(work) {
      const parent = current.getStore() ?? top;
      const scope = newScope();
      scope.isCancelled = parent.isCancelled;
      parent.children.add(scope);
      return current.run(scope, () => work(() => cancelScope(scope)));
    },
  };
}

function newScope(): Scope {
  return { isCancelled: false, children: new Set(), onCancel: new Set() };
}

function cancelScope(scope: Scope): void {
  scope.isCancelled = true;
  for (const listener of scope.onCancel) listener();
  for (const child of scope.children) cancelScope(child);
}

function cancellation(scope: Scope): Promise<never> {
  return new Promise((_resolve, reject) => {
    scope.onCancel.add(() => reject(new Cancelled()));
  });
}
