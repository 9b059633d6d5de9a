/** Repeats an expectation until it holds; the last failure is what the test shows. */
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

export async function eventually<Result>(expectation: () => Promise<Result> | Result): Promise<Result> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}
