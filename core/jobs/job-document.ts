/** A job as `skillos.job/v1`, for `--json` and the API. */
import type { JsonObject } from '../json.ts';
import { runDocument, runItem } from '../runs/run-document.ts';
import type { RunParts } from '../runs/run-document.ts';
import type { JobState, RunRecord } from '../runs/run.ts';
import { jobPhaseOf } from './job-state.ts';

/** A job in a list. `now` is Unix milliseconds. */
export function jobItem(record: RunRecord, now: number): JsonObject {
  const { run_id: _runId, ...run } = runItem(record);
  return { job_id: record.id, ...run, ...jobFields(record, now) };
}

/** One job, with the fields of its run. */
export function jobDocument(parts: RunParts, now: number): JsonObject & { readonly schema: string } {
  const { record } = parts;
  const { run_id: _runId, ...run } = runDocument(parts);
  return { ...run, ...jobFields(record, now), job_id: record.id, schema: 'skillos.job/v1' };
}

function jobFields(record: RunRecord, now: number): JsonObject {
  const phase = jobPhaseOf(record, now);
  return {
    ...(phase === 'ended' ? {} : { phase }),
    ...(record.job === undefined ? {} : fieldsOf(record.job)),
  };
}

function fieldsOf({ priority, runAt, expiresAt, requeueOf, requeuedAs, retry }: JobState): JsonObject {
  return {
    priority,
    ...(runAt === undefined ? {} : { run_at: runAt }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...(requeueOf === undefined ? {} : { requeue_of: requeueOf }),
    ...(requeuedAs === undefined ? {} : { requeued_as: requeuedAs }),
    ...(retry === undefined
      ? {}
      : {
          retry: {
            at: retry.at,
            failures: retry.failures,
            error: { code: retry.failure.code, message: retry.failure.message },
          },
        }),
  };
}
