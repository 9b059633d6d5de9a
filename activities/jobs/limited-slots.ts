/**
 * Slots for the steps of a worker that takes a limited number of jobs. Workflow tasks are not limited: a worker cannot
 * choose whose tasks it gets, and a job of one skill has not begun before its step has.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';

export interface JobLimit {
  readonly maxJobs: number;
  /** True while a job that this worker has begun goes on. */
  readonly hasOpenJobs: () => boolean;
}

const POLL_MS = 20;
/** A job that has not ended this long after its step needs another slot: for its next step, or for a retry. */
const NEXT_STEP_MS = 500;

/** Exact for jobs of one step. For the next step of a longer job it polls again, which may return the step of another job. */
export function limitedSlots(
  slots: number,
  { maxJobs, hasOpenJobs }: JobLimit,
): CustomSlotSupplier<ActivitySlotInfo> {
  const held = new Set<SlotPermit>();
  const used = new Set<SlotPermit>();
  let taken = 0;
  let lastRelease = 0;
  function tryReserve(): SlotPermit | null {
    const polling = held.size - used.size;
    const isNextStep = held.size === 0 && hasOpenJobs() && performance.now() - lastRelease > NEXT_STEP_MS;
    if (held.size >= slots || (taken + polling >= maxJobs && !isNextStep)) return null;
    const permit = {};
    held.add(permit);
    return permit;
  }
  return {
    type: 'custom',
    async reserveSlot(_context, signal) {
      for (;;) {
        const permit = tryReserve();
        if (permit !== null) return permit;
        await delay(POLL_MS, undefined, { signal }).catch(() => undefined); // the SDK expects the reason itself
        signal.throwIfAborted();
      }
    },
    tryReserveSlot: tryReserve,
    markSlotUsed({ permit }) {
      used.add(permit);
      taken += 1;
    },
    releaseSlot({ permit }) {
      if (used.has(permit)) lastRelease = performance.now();
      held.delete(permit);
      used.delete(permit);
    },
  };
}
