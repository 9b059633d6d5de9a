/** Figures about the jobs queue. */
import type { RunRecord } from '../runs/run.ts';
import { msOf } from '../values/iso-time.ts';
import { isDeadLetter, jobPhaseOf } from './job-state.ts';
import type { JobPhase } from './job-state.ts';

export type OpenPhase = Exclude<JobPhase, 'ended'>;

export interface JobFigures {
  /** Jobs that no worker has begun, delayed ones included. */
  readonly queued: number;
  /** Time in seconds for which the oldest due job has waited for a worker; 0 if none is due. */
  readonly oldestAgeSeconds: number;
  readonly dead: number;
  /** Jobs that have not ended, by what they wait for. */
  readonly phases: Readonly<Record<OpenPhase, number>>;
}

export const NO_JOBS: JobFigures = {
  queued: 0,
  oldestAgeSeconds: 0,
  dead: 0,
  phases: { delayed: 0, expired: 0, due: 0, running: 0, retrying: 0, waiting: 0 },
};

/** Adds one job to the figures. `now` is Unix milliseconds. */
export function countJob(figures: JobFigures, record: RunRecord, now: number): JobFigures {
  if (isDeadLetter(record)) return { ...figures, dead: figures.dead + 1 };
  const phase = jobPhaseOf(record, now);
  if (phase === 'ended') return figures;
  const counted = { ...figures, phases: { ...figures.phases, [phase]: figures.phases[phase] + 1 } };
  if (record.status !== 'queued' || phase === 'expired') return counted;
  const since = Math.max(msOf(record.createdAt), msOf(record.job?.runAt ?? record.createdAt));
  const age = phase === 'due' ? (now - since) / 1000 : 0;
  return {
    ...counted,
    queued: figures.queued + 1,
    oldestAgeSeconds: Math.max(figures.oldestAgeSeconds, age),
  };
}
