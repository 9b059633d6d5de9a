/**
 * The concurrency limit of a skill: a step runs while it holds one of the slots that its tenant has for the skill. They are in
 * one document per tenant and skill. A holder renews its slot; one that stops to do so has lost it.
 */
import type { JsonValue } from '../json.ts';
import { dotted } from '../values/skill-id.ts';
import type { SkillId } from '../values/skill-id.ts';

/** Kind of the document, which exists while a slot is taken. */
export const SLOTS_KIND = 'slots';

export type Slots = {
  /** By holder, how often its slot was taken or renewed. */
  readonly holders: Readonly<Record<string, number>>;
};

/** What a process has seen of the holders. Clocks of hosts may differ, so each process measures by its own. */
export interface SlotWatch {
  /** Time of the last look, in milliseconds of a monotonic clock. */
  readonly at: number;
  readonly holders: ReadonlyMap<string, { readonly renewals: number; readonly unchangedMs: number }>;
}

/** No part of the key contains a dot. */
export function slotsKey(tenant: string, skill: SkillId): string {
  return `${tenant}.${dotted(skill)}`;
}

/** Takes a slot, or renews that of the holder. Returns the same document if all are taken. */
export function takeSlot(
  current: Slots | undefined,
  { holder, limit }: { readonly holder: string; readonly limit: number },
): Slots | undefined {
  const { holders } = current ?? { holders: {} };
  const renewals = holders[holder];
  if (renewals === undefined && Object.keys(holders).length >= limit) return current;
  return { holders: { ...holders, [holder]: (renewals ?? 0) + 1 } };
}

export function holdsSlot(current: Slots | undefined, holder: string): boolean {
  return current?.holders[holder] !== undefined;
}

export function releaseSlot(current: Slots | undefined, holder: string): Slots | undefined {
  return withoutHolders(current, (each) => each === holder);
}

/**
 * Adds a look at the document. The time since the last look counts up to `maxGapMs`: while the storage was away nobody could
 * look, and no holder could renew.
 */
export function watchSlots(
  before: SlotWatch | undefined,
  current: Slots | undefined,
  { at, maxGapMs }: { readonly at: number; readonly maxGapMs: number },
): SlotWatch {
  const passedMs = before === undefined ? 0 : Math.min(at - before.at, maxGapMs);
  const holders = Object.entries(current?.holders ?? {}).map(([holder, renewals]) => {
    const known = before?.holders.get(holder);
    const unchangedMs = known?.renewals === renewals ? known.unchangedMs + passedMs : 0;
    return [holder, { renewals, unchangedMs }] as const;
  });
  return { at, holders: new Map(holders) };
}

/** The document without the holders that have not renewed their slot for `leaseMs`. */
export function withoutLost(
  current: Slots | undefined,
  { holders }: SlotWatch,
  leaseMs: number,
): Slots | undefined {
  return withoutHolders(current, (holder) => (holders.get(holder)?.unchangedMs ?? 0) >= leaseMs);
}

function withoutHolders(current: Slots | undefined, isGone: (holder: string) => boolean): Slots | undefined {
  const all = Object.entries(current?.holders ?? {});
  const left = all.filter(([holder]) => !isGone(holder));
  if (left.length === all.length) return current;
  return left.length === 0 ? undefined : { holders: Object.fromEntries(left) };
}

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;
const ASKS_PER_SECOND_AND_SLOT = 5;
const MAX_ASKS_PER_SECOND = 20;

/**
 * When a step that found no slot asks again, in milliseconds: about a second later, or in the turn after `last`, which is the
 * latest time that this process has given to another step. So the load does not grow with the number of steps that wait, and
 * they ask in the order of their coming. `jitter` is in [0, 1).
 */
export function nextAsk(
  last: number | undefined,
  { now, limit, jitter }: { readonly now: number; readonly limit: number; readonly jitter: number },
): number {
  const turnMs = 1000 / Math.min(ASKS_PER_SECOND_AND_SLOT * limit, MAX_ASKS_PER_SECOND);
  const soonest = now + FIRST_PAUSE_MS * (0.5 + jitter);
  const turn = last === undefined ? soonest : Math.max(soonest, last + turnMs);
  return Math.min(turn, now + MAX_PAUSE_MS);
}

const WAITS = 'skillos_waits';

/** The heartbeat of a step with a limit: Temporal hands the last one to the next attempt. */
export function limitedHeartbeat(waits: number, progress: JsonValue): JsonValue {
  return { [WAITS]: waits, progress };
}

/** How many deliveries of the activity found no slot, and the progress that the skill reported; any other heartbeat is progress. */
export function readHeartbeat(details: JsonValue | undefined): {
  readonly waits: number;
  readonly progress: JsonValue;
} {
  if (typeof details === 'object' && details !== null && !Array.isArray(details)) {
    const { [WAITS]: waits, progress = null } = details as { readonly [name: string]: JsonValue };
    if (typeof waits === 'number') return { waits, progress };
  }
  return { waits: 0, progress: details ?? null };
}
