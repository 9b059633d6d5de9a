/** Writes events of the run that an activity serves to the event log. Nothing waits for the log. */
import type { Blocked, Claim, Failed, Prepared, Ready, RunRecord, RunRequest } from '../core/runs/run.ts';
import type { EventBody, EventLog } from '../core/telemetry/events.ts';
import { claimedEvents, preparedEvents } from '../core/telemetry/run-events.ts';
import { dueEvents, startedEvents } from '../core/telemetry/start-events.ts';
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
  const moment = momentOf(ports);
  const isClaimed = prepared.status === 'ready' && prepared.claim !== undefined;
  const started = isClaimed ? startedEvents(request, moment) : [];
  const events = [...dueEvents(request, moment), ...preparedEvents(request, prepared), ...started];
  report(ports, events, request.tenant);
}

/** Reports the outcome of the claim of an approved run. */
export function reportClaimed(
  ports: EventPorts,
  request: RunRequest,
  { prepared, claim }: { readonly prepared: Ready; readonly claim: Claim | Blocked | Failed },
): void {
  const started = 'status' in claim ? [] : startedEvents(request, momentOf(ports));
  report(ports, [...claimedEvents(request, prepared, claim), ...started], request.tenant);
}

function momentOf({ now }: EventPorts) {
  return { runId: currentExecution().id, now: now() };
}

/** Begins to deliver the notice that the record gives reason for, if the operator wants notices. */
export function notifyOf(
  { notify, now, publicUrl }: Pick<WorkerPorts, 'notify' | 'now' | 'publicUrl'>,
  record: RunRecord,
): void {
  const notice = notify && noticeOf(record, new Date(now()).toISOString(), publicUrl);
  if (notice !== undefined) notify?.(notice);
}

export function report({ events }: EventPorts, bodies: readonly EventBody[], tenant?: string): void {
  const { id } = currentExecution();
  const context = { request_id: requestIdOf(id), run_id: id, ...(tenant === undefined ? {} : { tenant }) };
  for (const body of bodies) events.emit({ ...context, ...body });
}
