/** Kills and pauses parts at random until told to stop. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Part } from './part.ts';
import type { Random } from './random.ts';

/** So many faults may last at the same time. */
const AT_ONCE = 2;
const DOWN_MS = { least: 0, most: 3000 };
const PAUSE_MS = { least: 500, most: 10_000 };
/** One pause in ten is longer than a step that is not safe to repeat may be without its worker. */
const LONG_PAUSE_MS = 33_000;
const LOOK_MS = 200;
const CALM_MS = { least: 500, most: 5000 };

export interface FaultPlan {
  readonly parts: readonly Part[];
  readonly random: Random;
  readonly until: AbortSignal;
  /** Grows while the deployment works; a fault is followed by another only after that, so that slow machines get fewer. */
  readonly progress: () => number;
  readonly note: (line: string) => void;
}

/** Resolves to the number of faults by name; then all parts are up. */
export async function injectFaults(plan: FaultPlan): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const faulty = new Set<Part>();
  const lane = async () => {
    while (!plan.until.aborted) {
      const part = plan.random.pick(plan.parts.filter((each) => !faulty.has(each)));
      faulty.add(part);
      const what = await injectOne(part, plan);
      faulty.delete(part);
      counts.set(what, (counts.get(what) ?? 0) + 1);
      await calm(plan, plan.random.between(CALM_MS.least, CALM_MS.most));
      const before = plan.progress();
      while (plan.progress() === before && !plan.until.aborted) await calm(plan, LOOK_MS);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return counts;
}

async function injectOne(part: Part, plan: FaultPlan): Promise<string> {
  const { random, note } = plan;
  if (random.next() < 0.5) {
    const ms = random.between(DOWN_MS.least, DOWN_MS.most);
    note(`kill ${part.name} for ${ms} ms`);
    await part.kill();
    await calm(plan, ms);
    await part.start();
    return `kill ${part.name}`;
  }
  const ms = random.next() < 0.1 ? LONG_PAUSE_MS : random.between(PAUSE_MS.least, PAUSE_MS.most);
  note(`pause ${part.name} for ${ms} ms`);
  part.pause();
  await calm(plan, ms);
  part.resume();
  return `pause ${part.name}`;
}

function calm({ until }: FaultPlan, ms: number): Promise<void> {
  return delay(ms, undefined, { signal: until }).catch(() => undefined);
}
