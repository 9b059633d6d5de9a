/** Turns a run into a recording, a fixture for its skill's tests. */
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { stepsOf } from '../../core/plans/plan.ts';
import { lastExchanges } from '../../core/testing/connector-exchange.ts';
import type { KeptExchange } from '../../core/testing/connector-exchange.ts';
import type { Recording } from '../../core/testing/recording.ts';
import type { RunRecord, RunRequest } from '../../core/runs/run.ts';
import { exchangeLogName, runLogName } from '../../core/values/run-id.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { authorize } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { unknownRun } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { readRequest } from './history.ts';
import type { ClientPorts } from '../ports.ts';
import { readWholeLog } from './run-log.ts';
import { openRun } from './run-records.ts';

/** Resolves to a successful run of one skill. Needs no Temporal. Rejects with `run_not_recordable`, or as `openRun` does. */
export async function runToRecord(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const record = await openRun(ports, actor.rights, { runId, operation: 'runs:read' });
  await authorize(ports, actor, { operation: 'skills:write', skill: record.skill });
  if (record.status !== 'success') throw notRecordable(record, `it ended ${record.status}`);
  if (record.skill === 'pipeline') throw notRecordable(record, 'it ran several skills');
  return record;
}

/**
 * Reads the input from the history, the output from the record, and the connector calls that the worker has kept. Rejects with
 * `run_not_recordable` if there were calls that it has not kept. Other HTTP exchanges are not recorded: their list is empty.
 */
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
    calls: await callsOf(ports, record),
    output: record.output === undefined ? null : await ports.values.uncarry(record.output),
  };
}

async function callsOf({ journal }: ClientPorts, record: RunRecord): Promise<Recording['calls']> {
  const [kept, log] = await Promise.all([
    readWholeLog(journal, exchangeLogName(record.id)),
    readWholeLog(journal, runLogName(record.id)),
  ]);
  if (kept.length === 0 && log.every(({ stream }) => stream !== 'connector')) return [];
  if (kept.length === 0) {
    throw notRecordable(
      record,
      'its connector calls were not kept',
      'SKILLOS_RECORD_CALLS=1 for the worker keeps them',
    );
  }
  if (kept.some(({ cut }) => cut === true))
    throw notRecordable(record, 'its connector calls were too many to be kept');
  return lastExchanges(kept as unknown as readonly KeptExchange[]); // workers alone write this log
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

function notRecordable({ id }: RunRecord, why: string, hint?: string): SkillosError {
  return new SkillosError('run_not_recordable', `Cannot record run "${id}": ${why}`, {
    ...(hint !== undefined && { hint }),
  });
}
