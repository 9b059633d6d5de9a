/** Policies for a firing whose schedule still has a run in flight: Temporal's overlap policies. */

export const OVERLAPS = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** The plan of `schedule tick` for the due firings of one schedule. Each instant is in one of the lists. */
export interface DuePlan {
  /** Started, in this order. */
  readonly start: readonly number[];
  /** Never started. */
  readonly skipped: readonly number[];
  /** Started by a later `tick`, after the end of the run in flight. */
  readonly waiting: readonly number[];
  /** Cancel the run in flight before the first start. */
  readonly cancelsOther: boolean;
}

/** Firings that are due together overlap each other: `skip` starts the first only, as Temporal does. */
export function planDue(due: readonly number[], overlap: Overlap, isInFlight: boolean): DuePlan {
  const plan: DuePlan = { start: [], skipped: [], waiting: [], cancelsOther: false };
  switch (overlap) {
    case 'skip':
      return {
        ...plan,
        ...(isInFlight ? { skipped: due } : { start: due.slice(0, 1), skipped: due.slice(1) }),
      };
    case 'buffer-one': {
      const kept = due.slice(0, isInFlight ? 1 : 2);
      return { ...plan, ...later(kept, isInFlight), skipped: due.slice(kept.length) };
    }
    case 'buffer-all':
      return { ...plan, ...later(due, isInFlight) };
    case 'cancel-other':
      return {
        ...plan,
        start: due.slice(-1),
        skipped: due.slice(0, -1),
        cancelsOther: isInFlight && due.length > 0,
      };
    case 'allow':
      return { ...plan, start: due };
  }
}

function later(due: readonly number[], isInFlight: boolean): Partial<DuePlan> {
  return isInFlight ? { waiting: due } : { start: due };
}
