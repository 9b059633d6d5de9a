/** Stops a local engine from outside, one that was killed included. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { askEngine, findEngine } from '../adapters/engine-control.ts';
import { readEngineRecord } from '../adapters/engine-record.ts';
import type { EngineFiles } from '../adapters/engine-record.ts';
import { withLock } from '../adapters/lock.ts';
import { endOrphans } from './orphans.ts';

const LOOK_EVERY_MS = 25;

/** Resolves to its root when all its processes have ended; to `undefined` where there was none. */
export async function stopEngine(files: EngineFiles): Promise<string | undefined> {
  const engine = await findEngine(files);
  if (engine !== undefined) {
    await askEngine(engine.record, 'POST /stop');
    while ((await readEngineRecord(files))?.nonce === engine.record.nonce) await sleep(LOOK_EVERY_MS);
    return engine.record.root;
  }
  const left = await readEngineRecord(files);
  if (left === undefined) return undefined;
  return withLock(files.lock, async () => {
    const orphans = endOrphans(left, files);
    const ended = await Promise.all([orphans.server, orphans.workers]);
    await rm(files.record, { force: true });
    return ended.some(Boolean) ? left.root : undefined;
  });
}
