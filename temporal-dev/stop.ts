/** Stops a local engine by its control port, or ends the processes of a killed one. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestEngine, findEngine } from './client/engine-control.ts';
import { readEngineRecord } from './client/engine-record.ts';
import type { EngineFiles } from './client/engine-record.ts';
import { withLock } from '../adapters/files/lock.ts';
import { endStaleProcesses } from './stale-processes.ts';

const POLL_INTERVAL_MS = 25;

/** Resolves to the engine's root when all its processes have ended; to undefined if there was none. */
export async function stopEngine(files: EngineFiles): Promise<string | undefined> {
  const engine = await findEngine(files);
  if (engine !== undefined) {
    await requestEngine(engine.record, 'POST /stop');
    while ((await readEngineRecord(files))?.nonce === engine.record.nonce) await sleep(POLL_INTERVAL_MS);
    return engine.record.root;
  }
  const left = await readEngineRecord(files);
  if (left === undefined) return undefined;
  return withLock(files.lock, async () => {
    const stale = endStaleProcesses(left, files);
    const ended = await Promise.all([stale.server, stale.workers]);
    await rm(files.record, { force: true });
    return ended.some(Boolean) ? left.root : undefined;
  });
}
