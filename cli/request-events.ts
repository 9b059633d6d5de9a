/** Collects the events of a command's request, and writes them to the event log at the end of the command. */
import { resolve } from 'node:path';
import { ulid } from 'ulid';
import type { EventBody, TelemetryEvent } from '../core/telemetry/events.ts';
import type { RuntimeSource } from './runtime.ts';

export interface RequestEvents {
  /** A ULID. */
  readonly requestId: string;
  /** `at` is in Unix milliseconds; default now. */
  readonly emit: (bodies: readonly EventBody[], at?: number) => void;
}

/** Events of requests that have found their root. */
const FROM_A_ROOT: ReadonlySet<string> = new Set([
  'routing_decision',
  'webhook_received',
  'feedback_received',
  'job_enqueued',
  'marketplace_install_rejected',
  'idempotency_skipped',
]);

/** A command that takes longer waits for a run; its events are written meanwhile. */
const WRITE_AFTER_MS = 1000;

export function openRequestEvents(source: RuntimeSource, tenant: string): RequestEvents {
  const { config, context } = source;
  const requestId = ulid(context.now());
  const onFault = (line: string) => source.note(line);
  let collected: TelemetryEvent[] = [];
  const flush = async (): Promise<void> => {
    // A request that was not routed may have found no root, and the log would create it.
    if (!collected.some(({ event }) => FROM_A_ROOT.has(event))) return;
    const waiting = collected;
    collected = [];
    const { openEventLog } = await import('../adapters/telemetry/event-log.ts'); // it takes longer to load than to route
    const log = openEventLog({ root: resolve(config.root), config, now: context.now, onFault });
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
    emit(bodies, at = context.now()) {
      const timestamp = new Date(at).toISOString();
      for (const body of bodies) collected.push({ request_id: requestId, tenant, timestamp, ...body });
    },
  };
}
