/** The concurrency slots of skills, as one worker takes them: what it has seen of their holders, and when its steps ask again. */
import { LRUCache } from 'lru-cache';
import {
  SLOTS_KIND,
  holdsSlot,
  nextAsk,
  releaseSlot,
  takeSlot,
  watchSlots,
  withoutLost,
} from '../../core/limits/concurrency.ts';
import type { SlotWatch, Slots } from '../../core/limits/concurrency.ts';
import type { Records } from '../../core/storage/records.ts';

export interface SlotAsk {
  /** See `slotsKey`. */
  readonly key: string;
  /** Unique per delivery of an activity. */
  readonly holder: string;
  readonly limit: number;
  /** A holder that does not renew its slot for so long has lost it. */
  readonly leaseMs: number;
}

/** Rejects as `Records` does. */
export interface ConcurrencySlots {
  /** Takes a slot or renews it. Resolves to the pause in milliseconds before the next ask if all are taken, otherwise to undefined. */
  take(ask: SlotAsk): Promise<number | undefined>;
  release(ask: Pick<SlotAsk, 'key' | 'holder'>): Promise<void>;
}

/** Limit for the skills of which this process remembers what it has seen; a forgotten one is watched from the start. */
const MAX_SKILLS = 1000;

export function openSlots(records: Pick<Records, 'update'>): ConcurrencySlots {
  const watches = new LRUCache<string, SlotWatch>({ max: MAX_SKILLS });
  const lastAsks = new LRUCache<string, number>({ max: MAX_SKILLS });
  return {
    async take({ key, holder, limit, leaseMs }) {
      let watch: SlotWatch | undefined;
      const slots = await records.update<Slots>(SLOTS_KIND, key, (current) => {
        watch = watchSlots(watches.get(key), current, { at: performance.now(), maxGapMs: leaseMs / 2 });
        return takeSlot(withoutLost(current, watch, leaseMs), { holder, limit });
      });
      watches.set(key, watch);
      if (holdsSlot(slots, holder)) return undefined;
      const now = performance.now();
      const at = nextAsk(lastAsks.get(key), { now, limit, jitter: Math.random() });
      lastAsks.set(key, Math.max(at, lastAsks.get(key) ?? at));
      return Math.ceil(at - now);
    },
    async release({ key, holder }) {
      await records.update<Slots>(SLOTS_KIND, key, (current) => releaseSlot(current, holder));
    },
  };
}
