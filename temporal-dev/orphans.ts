/** Ends what an engine left running when it was killed. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { EngineFiles, EngineRecord } from '../adapters/engine-record.ts';

const SERVER_GRACE_MS = 5_000;
const DRAIN_GRACE_MS = 35_000;
const LOOK_EVERY_MS = 20;

const run = promisify(execFile);

export interface Orphans {
  /** Resolves when the server has left the database and its ports. */
  readonly server: Promise<boolean>;
  /** Resolves when the workers have drained. */
  readonly workers: Promise<boolean>;
}

/**
 * Tells them to end. A recorded pid alone proves nothing, it may be anyone's by now: the command line must name our
 * database, or our root.
 */
export function endOrphans(record: EngineRecord, files: EngineFiles): Orphans {
  const isServer = (command: string) => command.includes(`--db-filename=${files.database}`);
  const isWorker = (command: string) => command.includes(` worker --root ${record.root} `);
  const workers = record.workers.map((pid) => endWhere(pid, isWorker, DRAIN_GRACE_MS));
  return {
    server:
      record.server === undefined
        ? Promise.resolve(false)
        : endWhere(record.server.pid, isServer, SERVER_GRACE_MS),
    workers: Promise.all(workers).then((found) => found.some(Boolean)),
  };
}

async function endWhere(
  pid: number,
  isOurs: (command: string) => boolean,
  graceMs: number,
): Promise<boolean> {
  const isThere = async () => isOurs(await commandLine(pid));
  if (!(await isThere())) return false;
  signal(pid, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  for (let isKilled = false; await isThere(); await sleep(LOOK_EVERY_MS)) {
    if (isKilled || performance.now() < deadline) continue;
    signal(pid, 'SIGKILL');
    isKilled = true;
  }
  return true;
}

/** Arguments joined by spaces; empty where there is no such process, or only what its parent has not yet collected. */
async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') {
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    }
    const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return `${stdout.trim()} `;
  } catch {
    return ''; // it has ended
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in between.
  }
}
