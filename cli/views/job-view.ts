/** A job for people. */
import { standingOf } from '../../core/jobs/job-standing.ts';
import { shortRunId } from '../../core/values/run-id.ts';
import { titleOf } from '../../core/runs/run-document.ts';
import type { RunParts } from '../../core/runs/run-document.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { printable } from './plain-text.ts';
import { tableFor } from './table.ts';

type TableContext = Parameters<typeof tableFor>[0];

/** `now` is Unix milliseconds. */
export function jobTable(context: TableContext, jobs: readonly RunRecord[], now: number): readonly string[] {
  const head = ['JOB', 'STATUS', 'PRIORITY', 'STANDING'];
  const rowOf = (job: RunRecord, id: string) => [
    id,
    job.status,
    String(job.job?.priority ?? ''),
    standingOf(job, now) ?? '',
  ];
  return tableFor(context, { head, rows: jobs.map((job) => rowOf(job, job.id)) }, () => ({
    head,
    rows: jobs.map((job) => rowOf(job, shortRunId(job.id))),
  }));
}

export function jobLines({ record, result, url }: RunParts, now: number): readonly string[] {
  const { job, error } = record;
  const field = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`${`${name}:`.padEnd(13)}${value}`];
  return [
    ...field('job', record.id),
    ...field('skill', titleOf(record)),
    ...field('status', record.status),
    ...field('standing', standingOf(record, now)),
    ...field('error', error?.message),
    ...field('priority', job && String(job.priority)),
    ...field('not before', job?.runAt),
    ...field('expires', job?.expiresAt),
    ...field('trigger', job?.trigger),
    ...field('requeue of', job?.requeueOf),
    ...field('requeued as', job?.requeuedAs),
    ...field('enqueued', `${record.createdAt} by ${record.principal.subject}`),
    ...field('started', record.startedAt),
    ...field('ended', record.endedAt),
    ...field('web', url),
    ...(result === undefined ? [] : ['output:', printable(result)]),
  ];
}
