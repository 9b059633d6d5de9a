/** The records of runs in the store. */
import type { JsonObject } from '../json.ts';
import type { ListPage, Records } from '../storage/records.ts';
import { runKey } from '../values/run-id.ts';
import type { RunRecord } from './run.ts';

/** A typed view of `Records`. Each call takes the run id and rejects as the store does. */
export interface RunRecords {
  /** Resolves to undefined if the run has no record. */
  get(runId: string): Promise<RunRecord | undefined>;
  /** Stores the record unless the run has one; resolves to the stored record. */
  open(record: RunRecord): Promise<RunRecord>;
  /** Updates the record like `Records.update`: `change` is pure and may be called again after a conflict. */
  update<Next extends RunRecord | undefined>(
    runId: string,
    change: (current: RunRecord | undefined) => Next,
  ): Promise<Next>;
  /** Lists records in the order of their requests; `after` is a run id, exclusive. */
  list(page?: ListPage): Promise<readonly RunRecord[]>;
}

export const RUNS_KIND = 'runs';

/** The type of a record is plain JSON without an index signature; only SkillOS writes records. */
type Stored = JsonObject & RunRecord;

export function runRecords(records: Records): RunRecords {
  return {
    get: (runId) => records.get<Stored>(RUNS_KIND, runKey(runId)),
    open: async (record) => {
      const kept = await records.update<Stored>(
        RUNS_KIND,
        runKey(record.id),
        (current) => current ?? (record as Stored),
      );
      return kept as RunRecord; // `change` always returns a record
    },
    update: async <Next extends RunRecord | undefined>(
      runId: string,
      change: (current: RunRecord | undefined) => Next,
    ) => {
      const written = await records.update<Stored>(
        RUNS_KIND,
        runKey(runId),
        (current) => change(current) as Stored | undefined,
      );
      return written as Next; // returned by `change`
    },
    list: async ({ after, ...page } = {}) => {
      const from = after === undefined ? {} : { after: runKey(after) };
      const stored = await records.list<Stored>(RUNS_KIND, { ...page, ...from });
      return stored.map(({ value }) => value);
    },
  };
}
