/** A real run as a fixture of its skill's tests. */
import { SkillosError, isSkillosError } from '../core/errors.ts';
import { stepsOf } from '../core/plan.ts';
import type { Recording } from '../core/recording.ts';
import type { RunRecord, RunRequest } from '../core/run.ts';
import { parseSkillId } from '../core/skill-id.ts';
import { permit } from './actor.ts';
import type { Actor } from './actor.ts';
import { unknownRun } from './connection.ts';
import type { Temporal } from './connection.ts';
import { readRequest } from './history.ts';
import type { ClientPorts } from './ports.ts';
import { openRun } from './run-records.ts';

/** The run, where it can be recorded; needs no Temporal. Rejects with `run_not_recordable`, or as `openRun` does. */
export async function runToRecord(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const record = await openRun(ports, actor.rights, { runId, operation: 'runs:read' });
  await permit(ports, actor, { operation: 'skills:write', skill: record.skill });
  if (record.status !== 'success') throw notRecordable(record, `it ended ${record.status}`);
  if (record.skill === 'pipeline') throw notRecordable(record, 'it was of several skills');
  return record;
}

/** What went in stands in the history, what came out in the record. Nothing records HTTP yet: there are no exchanges. */
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
    return await readRequest(temporal, record.id);
  } catch (error) {
    const known = unknownRun(error, record.id);
    if (isSkillosError(known, 'unknown_run'))
      throw notRecordable(record, 'Temporal has forgotten its history');
    throw known;
  }
}

function notRecordable({ id }: RunRecord, why: string): SkillosError {
  return new SkillosError('run_not_recordable', `Cannot record run "${id}": ${why}`);
}
