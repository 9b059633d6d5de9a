/** Counts deliveries in a record, for commands: each is a process of its own, and Redis need not be there. */
import { countRequest, decideRate } from '../../core/limits/rate-limit.ts';
import type { RateWindow } from '../../core/limits/rate-limit.ts';
import { sha256 } from '../../core/values/digest.ts';
import type { ClientPorts } from '../ports.ts';
import type { WebhookLimiter } from './ports.ts';

export const RATE_WINDOWS_KIND = 'rate-windows';

export type StoredWindow = { readonly [Field in keyof RateWindow]: number };

export function openRecordedLimiter({ records, now }: Pick<ClientPorts, 'records' | 'now'>): WebhookLimiter {
  return {
    async take(key, rule) {
      const time = now();
      const window = (await records.update<StoredWindow>(RATE_WINDOWS_KIND, sha256(key), (current) => ({
        ...countRequest(current, time, rule),
      }))) as StoredWindow; // what the function returned
      return decideRate(window.count, Math.max(0, window.endsAt - time), rule);
    },
  };
}
