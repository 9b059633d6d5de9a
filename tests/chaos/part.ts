/** A process of the topology that can be killed, paused and started again. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { packageFile } from '../../adapters/machine/package.ts';

export interface Part {
  readonly name: string;
  /** Resolves when the process has gone. */
  kill(): Promise<void>;
  /** After `kill`. */
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

const RESTART_AFTER_MS = 500;

interface BuiltPartOptions {
  readonly name: string;
  /** Arguments of the built program. */
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Its output is appended to this file. */
  readonly logFile: string;
}

/** A process of the built program. If it ends by itself it is started again, as `restart: unless-stopped` does. */
export class BuiltPart implements Part {
  readonly name: string;
  /** Exit codes of the times that it ended by itself. */
  readonly ends: (number | null)[] = [];
  readonly #options: BuiltPartOptions;
  #child: ChildProcess | undefined;
  #isWanted = false;
  #starts = 0;

  constructor(options: BuiltPartOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { argv, env, logFile } = this.#options;
    this.#isWanted = true;
    this.#starts += 1;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [packageFile('dist/skillos.mjs'), ...argv], {
      env: { ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    child.once('exit', (code) => void this.#restart(code));
    await once(child, 'spawn');
  }

  async #restart(code: number | null): Promise<void> {
    if (!this.#isWanted) return;
    this.ends.push(code);
    const starts = this.#starts;
    await delay(RESTART_AFTER_MS);
    if (this.#isWanted && this.#starts === starts) await this.start();
  }

  kill(): Promise<void> {
    return this.stop('SIGKILL');
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }
}
