/** Awaits and stops child processes. */
import type { ChildProcess } from 'node:child_process';

export interface ProcessEnd {
  /** Such as `exit code 1`, `SIGKILL`, or the error of a failed start. */
  readonly reason: string;
}

/** Resolves when the process has ended or could not be started; call it right after `spawn`. */
export function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ reason: error.message }));
    child.once('exit', (code, signal) => resolve({ reason: signal ?? `exit code ${code}` }));
  });
}

/** Sends SIGTERM, and SIGKILL if the process has not ended after `graceMs`; resolves when it has ended. */
export async function stopProcess(
  child: ChildProcess,
  ended: Promise<ProcessEnd>,
  graceMs: number,
): Promise<void> {
  child.kill('SIGTERM');
  const killTimer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(killTimer);
}
