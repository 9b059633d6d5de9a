/**
 * Ends the processes that a skill process has started and left behind, also those that are in a session of their own. On Linux
 * they are found by a variable that they inherit, without any privilege; a program that clears its environment is not found.
 */
import { randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import process from 'node:process';

/** A variable for the environment of one skill process. */
export interface Mark {
  readonly name: string;
  readonly value: string;
}

/** Processes that start others while they are looked for are found in the next round. */
const MAX_ROUNDS = 50;

export function newMark(): Mark {
  return { name: 'SKILL_PROCESS', value: randomUUID() };
}

/** Resolves when no process with the mark is left; at once on other systems than Linux. */
export async function endMarked(mark: Mark): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const pids = await findMarked(mark);
    if (pids.length === 0) return;
    for (const pid of pids) end(pid);
  }
}

async function findMarked({ name, value }: Mark): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((entry) => /^\d+$/.test(entry));
  const text = `${name}=${value}`;
  const marked = await Promise.all(pids.map((pid) => hasInEnvironment(pid, text)));
  return pids.filter((_, index) => marked[index]).map(Number);
}

/** False for processes of other users, and for those that have ended. */
async function hasInEnvironment(pid: string, text: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/environ`)).includes(text);
  } catch {
    return false;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ESRCH: it has ended
  }
}
