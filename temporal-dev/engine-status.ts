/** The status document that an engine gives on its control port. */
import type { Config } from '../core/settings/config.ts';
import { workerSettings } from './client/engine-record.ts';
import type { EngineStatus } from './client/engine-record.ts';
import { describeFailure } from './progress-log.ts';
import type { TemporalServer } from './server.ts';

export const NAMESPACE = 'default';

interface EngineParts extends Pick<
  EngineStatus,
  'state' | 'mode' | 'version' | 'root' | 'startedAt' | 'notes'
> {
  readonly error: unknown;
  /** The server that runs now. */
  readonly server: Pick<TemporalServer, 'pid' | 'address'> | undefined;
  readonly uiUrl: string | undefined;
  readonly worker: {
    readonly pid: number | undefined;
    readonly config: Config;
    readonly build: string;
    readonly nonce: string;
    readonly named: readonly string[];
  };
}

export function engineStatus(parts: EngineParts): EngineStatus {
  const { state, mode, version, root, startedAt, notes, error, server, uiUrl = '', worker } = parts;
  return {
    schema: 'skillos.engine/v1',
    state,
    mode,
    version,
    root,
    pid: process.pid,
    startedAt,
    notes,
    ...(error === undefined ? {} : { error: describeFailure(error) }),
    ...(server === undefined
      ? {}
      : { server: { pid: server.pid, address: server.address, uiUrl, namespace: NAMESPACE } }),
    worker: {
      ...(worker.pid === undefined ? {} : { pid: worker.pid }),
      taskQueue: worker.config.taskQueue,
      build: worker.build,
      settings: workerSettings(worker.config, worker.nonce),
      named: [...worker.named],
    },
  };
}
