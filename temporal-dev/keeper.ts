/** Keeps one process running: starts it, starts it again with growing pauses, and replaces it when asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessEnd } from './process.ts';

export interface KeptProcess {
  readonly pid: number;
  /** Resolves when the process has ended, by `stop` or by itself. */
  readonly ended: Promise<ProcessEnd>;
  stop(): Promise<void>;
}

export interface KeeperOptions<Process extends KeptProcess> {
  /** Resolves when the process serves. */
  readonly start: () => Promise<Process>;
  readonly onUp: (process: Process) => void;
  readonly onDown: (reason: string, pauseMs: number) => void;
}

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 10_000;
/** A process that lived this long was well: its end counts as a first one. */
const STABLE_MS = 60_000;
/** So many ends in a row, and waiting for it is in vain. */
const FAILURES_ALLOWED = 3;

export class Keeper<Process extends KeptProcess> {
  readonly #options: KeeperOptions<Process>;
  readonly #leaving = new Set<Process>();
  readonly #stopped = new AbortController();
  #replaced = new AbortController();
  #current: Process | undefined;
  #failures = 0;
  #failure: unknown;
  #loop: Promise<void> | undefined;

  constructor(options: KeeperOptions<Process>) {
    this.#options = options;
  }

  /** The process that serves now. */
  get current(): Process | undefined {
    return this.#current;
  }

  /** Why it does not serve, once that has happened too often to be passing. */
  get failure(): unknown {
    return this.#failures >= FAILURES_ALLOWED ? this.#failure : undefined;
  }

  /** Of every process that lives, those that are about to end included. */
  get pids(): readonly number[] {
    return [...(this.#current === undefined ? [] : [this.#current]), ...this.#leaving].map(({ pid }) => pid);
  }

  /** Resolves when the process serves for the first time; rejects where the first attempt fails, and goes on trying. */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#loop = this.#keep(resolve, reject);
    });
  }

  /** Another process takes over at once, while this one ends in its own time. */
  replace(): void {
    this.#failures = 0;
    this.#replaced.abort();
  }

  /** Resolves when every process has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.replace();
    await this.#loop;
    await Promise.all([...this.#leaving].map(({ ended }) => ended));
  }

  /** Ends every process at once; for after `stop` was called and took too long. */
  kill(): void {
    for (const pid of this.pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended in between.
      }
    }
  }

  async #keep(onFirstUp: () => void, onFirstDown: (error: unknown) => void): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#replaced = new AbortController();
      try {
        if (!(await this.#live(onFirstUp))) continue;
      } catch (error) {
        this.#failure = error;
        onFirstDown(error);
      }
      this.#failures += 1;
      const pauseMs = Math.min(FIRST_PAUSE_MS * 3 ** (this.#failures - 1), LAST_PAUSE_MS);
      this.#options.onDown(messageOf(this.#failure), pauseMs);
      // Cut short by a replacement or a stop.
      await sleep(pauseMs, undefined, { signal: this.#replaced.signal }).catch(() => undefined);
    }
    onFirstDown(new Error('stopped before it served'));
  }

  /** One life of the process; whether it ended by itself. */
  async #live(onUp: () => void): Promise<boolean> {
    const started = await this.#options.start();
    const begun = performance.now();
    this.#current = started;
    this.#options.onUp(started);
    onUp();
    const end = await Promise.race([started.ended, aborted(this.#replaced.signal)]);
    this.#current = undefined;
    if (end === undefined) {
      this.#leaving.add(started);
      void started.stop().finally(() => this.#leaving.delete(started));
      return false;
    }
    this.#failure = new Error(`ended with ${end.reason}`);
    if (performance.now() - begun > STABLE_MS) this.#failures = 0;
    return true;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
