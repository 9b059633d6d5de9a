/** Writes events of the run that an activity serves to the event log. Nothing waits for the log. */
import type { Prepared, RunRecord, RunRequest } from '../core/runs/run.ts';
import type { EventBody, EventLog } from '../core/telemetry/events.ts';
import { preparedEvents } from '../core/telemetry/run-events.ts';
import { requestIdOf } from '../core/values/run-id.ts';
import { noticeOf } from '../core/telemetry/notice.ts';
import { currentExecution } from './execution.ts';
import type { WorkerPorts } from './ports.ts';

export interface EventPorts {
  readonly events: EventLog;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Reports the outcome of `prepare`. */
export function reportPrepared(ports: EventPorts, request: RunRequest, prepared: Prepared): void {
  report(ports, preparedEvents(request, prepared), request.tenant);
}

/** Begins to deliver the notice that the record gives reason for, if the operator wants notices. */
export function notifyOf({ notify, now }: Pick<WorkerPorts, 'notify' | 'now'>, record: RunRecord): void {
  const notice = notify && noticeOf(record, new Date(now()).toISOString());
  if (notice !== undefined) notify?.(notice);
}

export function report({ events }: EventPorts, bodies: readonly EventBody[], tenant?: string): void {
  const { id } = currentExecution();
  const context = { request_id: requestIdOf(id), run_id: id, ...(tenant === undefined ? {} : { tenant }) };
  for (const body of bodies) events.emit({ ...context, ...body });
}
