/** How a local engine is shown. */
import type { EngineFiles, EngineStatus } from '../adapters/engine-record.ts';
import type { Output } from './command.ts';

/** `apiUrl` where the caller serves the API. */
export function engineView(status: EngineStatus, files: EngineFiles, apiUrl?: string): Output {
  const rows = [
    ['State', status.state],
    ['Temporal', status.server?.address],
    ['Web UI', status.server?.uiUrl],
    ['API', apiUrl],
    ['Approvals', apiUrl === undefined ? undefined : `${apiUrl}/ui`],
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
