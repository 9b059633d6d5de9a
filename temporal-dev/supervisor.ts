/** Supervises one process: starts it, restarts it with growing pauses, and replaces it on request. */
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../core/values/backoff.ts';
import type { ProcessEnd } from './process.ts';

export interface SupervisedProcess {
  readonly pid: number;
  /** Resolves when the process has ended, by `stop` or by itself. */
  readonly ended: Promise<ProcessEnd>;
  stop(): Promise<void>;
}

export interface SupervisorOptions<Process extends SupervisedProcess> {
  /** Resolves when the process serves. */
  readonly start: () => Promise<Process>;
  readonly onUp: (process: Process) => void;
  readonly onDown: (reason: string, pauseMs: number) => void;
}

const BACKOFF = { firstMs: 100, maxMs: 10_000 };
/** A process that ran this long was healthy: its end counts as the first failure. */
const STABLE_MS = 60_000;
/** After this many failures in a row `failure` is set, so that callers stop waiting. */
const MAX_FAILURES = 3;

export class ProcessSupervisor<Process extends SupervisedProcess> {
  readonly #options: SupervisorOptions<Process>;
  readonly #stopping = new Set<Process>();
  readonly #stopped = new AbortController();
  #replaced = new AbortController();
  #current: Process | undefined;
  #failures = 0;
  #failure: unknown;
  #loop: Promise<void> | undefined;

  constructor(options: SupervisorOptions<Process>) {
    this.#options = options;
  }

  /** The process that serves now. */
  get current(): Process | undefined {
    return this.#current;
  }

  /** The last error, once the process has failed three times in a row. */
  get failure(): unknown {
    return this.#failures >= MAX_FAILURES ? this.#failure : undefined;
  }

  /** Pids of all processes, including those that are stopping. */
  get pids(): readonly number[] {
    return [...(this.#current === undefined ? [] : [this.#current]), ...this.#stopping].map(({ pid }) => pid);
  }

  /** Resolves when the process first serves. Rejects if the first attempt fails; further attempts follow. */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#loop = this.#supervise(resolve, reject);
    });
  }

  /** Starts a new process at once, while the present one stops in its own time. */
  replace(): void {
    this.#failures = 0;
    this.#replaced.abort();
  }

  /** Resolves when every process has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.replace();
    await this.#loop;
    await Promise.all([...this.#stopping].map(({ ended }) => ended));
  }

  /** Kills every process; for a `stop` that takes too long. */
  kill(): void {
    for (const pid of this.pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // The process has ended meanwhile.
      }
    }
  }

  async #supervise(onFirstUp: () => void, onFirstDown: (error: unknown) => void): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#replaced = new AbortController();
      try {
        if (!(await this.#runOnce(onFirstUp))) continue;
      } catch (error) {
        this.#failure = error;
        onFirstDown(error);
      }
      this.#failures += 1;
      const pauseMs = backoffMs(BACKOFF, this.#failures - 1);
      this.#options.onDown(messageOf(this.#failure), pauseMs);
      // A replacement or a stop ends the pause early.
      await sleep(pauseMs, undefined, { signal: this.#replaced.signal }).catch(() => undefined);
    }
    onFirstDown(new Error('stopped before it served'));
  }

  /** Runs the process once; resolves to true if it ended by itself, false if it was replaced. */
  async #runOnce(onUp: () => void): Promise<boolean> {
    const started = await this.#options.start();
    const begun = performance.now();
    this.#current = started;
    this.#options.onUp(started);
    onUp();
    const end = await Promise.race([started.ended, aborted(this.#replaced.signal)]);
    this.#current = undefined;
    if (end === undefined) {
      this.#stopping.add(started);
      void started.stop().finally(() => this.#stopping.delete(started));
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
