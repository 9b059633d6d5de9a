/** What a command tells the event log of its request: collected first, and written when there is time for it. */
import { resolve } from 'node:path';
import { ulid } from 'ulid';
import type { Config } from '../core/config.ts';
import type { Happening, TelemetryEvent } from '../core/telemetry.ts';
import type { CliContext } from './context.ts';

export interface RequestEvents {
  /** A ULID. */
  readonly requestId: string;
  /** `at` is Unix milliseconds; default now. */
  tell(happenings: readonly Happening[], at?: number): void;
}

/** A command that takes longer than that waits for a run. */
const WRITE_AFTER_MS = 1000;

export function openRequestEvents(
  config: Config,
  context: CliContext,
  { tenant, note }: { readonly tenant: string; readonly note: (line: string) => void },
): RequestEvents {
  const requestId = ulid(context.now());
  let told: TelemetryEvent[] = [];
  const flush = async (): Promise<void> => {
    if (told.length === 0) return;
    const waiting = told;
    told = [];
    const { openEventLog } = await import('../adapters/event-log.ts'); // it takes longer to load than to route
    const log = openEventLog({ root: resolve(config.root), config, now: context.now, onFault: note });
    for (const event of waiting) log.emit(event);
    await log.close();
  };
  const timer = setTimeout(() => void flush(), WRITE_AFTER_MS).unref();
  context.onEnd(() => {
    clearTimeout(timer);
    return flush();
  });
  return {
    requestId,
    tell(happenings, at = context.now()) {
      const timestamp = new Date(at).toISOString();
      for (const happening of happenings)
        told.push({ request_id: requestId, tenant, timestamp, ...happening });
    },
  };
}
