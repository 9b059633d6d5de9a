/** Turns a run into a recording, a fixture for its skill's tests. */
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { stepsOf } from '../../core/plans/plan.ts';
import type { Recording } from '../../core/testing/recording.ts';
import type { RunRecord, RunRequest } from '../../core/runs/run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { authorize } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { unknownRun } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { readRequest } from './history.ts';
import type { ClientPorts } from '../ports.ts';
import { openRun } from './run-records.ts';

/** Resolves to a successful run of one skill. Needs no Temporal. Rejects with `run_not_recordable`, or as `openRun` does. */
export async function runToRecord(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const record = await openRun(ports, actor.rights, { runId, operation: 'runs:read' });
  await authorize(ports, actor, { operation: 'skills:write', skill: record.skill });
  if (record.status !== 'success') throw notRecordable(record, `it ended ${record.status}`);
  if (record.skill === 'pipeline') throw notRecordable(record, 'it ran several skills');
  return record;
}

/** Reads the input from the history and the output from the record. HTTP exchanges are not recorded yet: the list is empty. */
export async function recordRun(
  ports: ClientPorts,
  temporal: Temporal,
  record: RunRecord,
): Promise<Recording> {
  const request = await requestOf(temporal, record);
  const payload = stepsOf(request.plan)[0]?.payload ?? request.payload;
  return {
    schema: 'skillos.recording/v1',
    skill: parseSkillId(record.skill),
    run: record.id,
    at: record.startedAt ?? record.createdAt,
    input: await ports.values.uncarry(payload),
    exchanges: [],
    output: record.output === undefined ? null : await ports.values.uncarry(record.output),
  };
}

async function requestOf(temporal: Temporal, record: RunRecord): Promise<RunRequest> {
  try {
    return await readRequest(temporal, record);
  } catch (error) {
    const known = unknownRun(error, record.id);
    if (isSkillosError(known, 'unknown_run'))
      throw notRecordable(record, 'Temporal no longer keeps its history');
    throw known;
  }
}

function notRecordable({ id }: RunRecord, why: string): SkillosError {
  return new SkillosError('run_not_recordable', `Cannot record run "${id}": ${why}`);
}
