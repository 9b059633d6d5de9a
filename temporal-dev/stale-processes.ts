/** Ends server and workers that a killed engine left running. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { EngineFiles, EngineRecord } from './client/engine-record.ts';

const SERVER_GRACE_MS = 5_000;
const DRAIN_GRACE_MS = 35_000;
const POLL_INTERVAL_MS = 20;

const run = promisify(execFile);

export interface StaleProcesses {
  /** Resolves when the server has ended; true if it was running. */
  readonly server: Promise<boolean>;
  /** Resolves when all workers have drained; true if any was running. */
  readonly workers: Promise<boolean>;
}

/**
 * Sends SIGTERM, and SIGKILL after a grace period. A recorded pid may belong to another process by now, so the command line
 * must name our database or our root.
 */
export function endStaleProcesses(record: EngineRecord, files: EngineFiles): StaleProcesses {
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
  if (!isOurs((await commandLine(pid)) ?? '')) return false;
  const isRunning = async () => {
    const command = await commandLine(pid);
    return command !== undefined && (command === '' || isOurs(command));
  };
  signal(pid, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  for (let isKilled = false; await isRunning(); await sleep(POLL_INTERVAL_MS)) {
    if (isKilled || performance.now() < deadline) continue;
    signal(pid, 'SIGKILL');
    isKilled = true;
  }
  return true;
}

/**
 * Returns the arguments joined by spaces; undefined if there is no such process or it is a zombie. On Linux they are empty
 * while the process exits: its memory is released before its ports and locks.
 */
async function commandLine(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') {
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
      if (command !== '') return command;
      return /^State:\s+[ZX]/m.test(await readFile(`/proc/${pid}/status`, 'utf8')) ? undefined : '';
    }
    const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return `${stdout.trim()} `;
  } catch {
    return undefined; // the process has ended
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has ended meanwhile.
  }
}
