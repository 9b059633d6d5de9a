/** A local engine for people. */
import type { NextFiring } from '../../client/schedules/show.ts';
import { slotTime } from '../../core/values/schedule-id.ts';
import type { EngineFiles, EngineStatus } from '../../temporal-dev/client/engine-record.ts';
import type { Output } from '../command.ts';

interface EngineExtras {
  /** Present if the caller serves the API. */
  readonly apiUrl?: string | undefined;
  /** The first firing of a schedule to come, if there is one. */
  readonly next?: NextFiring | undefined;
}

export function engineView(
  status: EngineStatus,
  files: EngineFiles,
  { apiUrl, next }: EngineExtras = {},
): Output {
  const rows = [
    ['State', status.state],
    ['Temporal', status.server?.address],
    ['Web UI', status.server?.uiUrl],
    ['API', apiUrl],
    ['Approvals', apiUrl === undefined ? undefined : `${apiUrl}/ui`],
    ['Next firing', next && `${slotTime(next.at)} ${next.schedule.id}`],
    ['Namespace', status.server?.namespace],
    ['Task queue', status.worker.taskQueue],
    ['Root', status.root],
    ['Database', files.database],
    ['Logs', files.folder],
    [
      'Process',
      `${status.pid} (${status.mode}), server ${status.server?.pid ?? '-'}, worker ${status.worker.pid ?? '-'}`,
    ],
    ['Error', status.error?.message],
  ];
  return {
    text: rows.flatMap(([name = '', value]) => (value === undefined ? [] : [`${name.padEnd(12)}${value}`])),
    json: {
      schema: 'skillos.engine/v1',
      ...engineDocument(status, files),
      ...(apiUrl === undefined ? {} : { api_url: apiUrl }),
      ...(next === undefined ? {} : { next_firing: { schedule: next.schedule.id, at: slotTime(next.at) } }),
    },
  };
}

export function engineDocument(status: EngineStatus, files: EngineFiles) {
  const { state, mode, pid, version, root, server, worker, error } = status;
  return {
    state,
    mode,
    root,
    version,
    started_at: new Date(status.startedAt).toISOString(),
    address: server?.address ?? null,
    ui_url: server?.uiUrl ?? null,
    namespace: server?.namespace ?? null,
    task_queue: worker.taskQueue,
    pids: { engine: pid, server: server?.pid ?? null, worker: worker.pid ?? null },
    database: files.database,
    logs: { engine: files.engineLog, server: files.serverLog, worker: files.workerLog },
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
  };
}
