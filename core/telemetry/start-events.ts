/** Events of jobs and of firings, beside those that every run has. Names and fields are in `EventFields`. */
import { parseFiredRunId } from '../values/schedule-id.ts';
import { isoTime } from '../values/iso-time.ts';
import { subjectOf } from '../plans/plan-title.ts';
import type { RunRecord, RunRequest, Settlement } from '../runs/run.ts';
import type { EventBody } from './events.ts';

interface Moment {
  readonly runId: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Events for a firing that a worker has received. */
export function dueEvents(request: RunRequest, moment: Moment): readonly EventBody[] {
  const due = dueFields(request, moment);
  return due === undefined ? [] : [{ event: 'schedule_due', ...due }];
}

/** Events for a run whose first step may start. */
export function startedEvents(request: RunRequest, moment: Moment): readonly EventBody[] {
  const { job, maxRetries = null } = request;
  const due = dueFields(request, moment);
  const skill = subjectOf(request);
  return [
    ...(due === undefined ? [] : [{ event: 'schedule_started' as const, ...due }]),
    ...(job === undefined
      ? []
      : [
          {
            event: 'job_started' as const,
            job_id: moment.runId,
            skill_id: skill,
            status: 'running',
            max_retries: maxRetries,
            retries: 0,
          },
        ]),
  ];
}

/** What is known about a run that has ended. */
export interface EndedRun {
  readonly id: string;
  readonly skill: string;
  readonly durationMs: number;
  readonly schedule?: string | undefined;
  readonly isJob: boolean;
  readonly maxRetries?: number | undefined;
}

/** Events for the end of a run; none for one that is neither a job nor fired. */
export function endEvents(settlement: Settlement, run: EndedRun): readonly EventBody[] {
  const { schedule, isJob } = run;
  return [
    ...(schedule === undefined ? [] : [scheduleEnd(settlement, run, schedule)]),
    ...(isJob ? jobEnd(settlement, run) : []),
  ];
}

/** Events for a job whose step has failed and is tried again; none for a run without such a retry. */
export function retryEvents({ id, skill, status, job }: RunRecord): readonly EventBody[] {
  if (job?.retry === undefined) return [];
  const { at, failures, failure } = job.retry;
  return [
    {
      event: 'job_failed',
      job_id: id,
      skill_id: skill,
      status,
      error_class: failure.code,
      retries: failures,
      max_retries: job.request?.maxRetries ?? null,
      next_run_at: at,
      retrying: true,
    },
  ];
}

function dueFields(request: RunRequest, { runId, now }: Moment) {
  const { schedule } = request;
  const at = parseFiredRunId(runId)?.at;
  if (schedule === undefined || at === undefined) return undefined;
  const lagMs = Math.max(0, now - at);
  return { schedule_id: schedule, skill_id: subjectOf(request), due_at: isoTime(at), lag_ms: lagMs };
}

function scheduleEnd(settlement: Settlement, run: EndedRun, schedule: string): EventBody {
  const { status } = settlement;
  const end = { schedule_id: schedule, skill_id: run.skill, duration_ms: run.durationMs, status };
  if (status === 'success') return { event: 'schedule_completed', ...end };
  return { event: 'schedule_failed', ...end, error_class: reasonOf(settlement) };
}

/** A cancelled job has neither succeeded nor failed. */
function jobEnd(settlement: Settlement, run: EndedRun): readonly EventBody[] {
  const { status } = settlement;
  const fields = { job_id: run.id, skill_id: run.skill, status };
  if (status === 'success') return [{ event: 'job_succeeded', ...fields, duration_ms: run.durationMs }];
  if (status === 'cancelled') return [];
  const failed = { error_class: reasonOf(settlement), max_retries: run.maxRetries ?? null, retrying: false };
  return [{ event: 'job_failed', ...fields, ...failed }];
}

function reasonOf(settlement: Exclude<Settlement, { readonly status: 'success' }>): string {
  switch (settlement.status) {
    case 'error':
      return settlement.failure.code;
    case 'blocked':
      return settlement.reason;
    case 'cancelled':
      return settlement.reason ?? 'run_cancelled';
  }
}
