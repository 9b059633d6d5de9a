/** Waits for conditions, and leaves the processor to what they wait for: pauses grow with the time waited so far. */
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

/** Repeats an expectation until it holds; the last failure is what the test shows. */
export async function eventually<Result>(expectation: () => Promise<Result> | Result): Promise<Result> {
  const begun = Date.now();
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > begun + PATIENCE_MS) throw error;
      await pauseSince(begun);
    }
  }
}

/** Resolves when the condition holds; the test's own timeout is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const begun = Date.now();
  while (!(await holds())) await pauseSince(begun);
}

/** A tenth of the time since then, from 20 to 200 ms. */
async function pauseSince(begun: number): Promise<void> {
  await sleep(Math.min(Math.max((Date.now() - begun) / 10, 20), 200));
}
