/** Skill processes: one bundle each, reused while warm, a spare one ready, never more than allowed. */
import { existsSync, realpathSync } from 'node:fs';
import { SkillosError } from '../../core/errors.ts';
import type { SkillCall, SkillHooks, SkillHost } from '../../core/ports.ts';
import { loadBundle } from '../bundle-store.ts';
import type { LaunchOptions } from './launch.ts';
import { createLauncher } from './launch.ts';
import type { Exchange } from './process.ts';
import { SkillProcess } from './process.ts';
import type { ToChild } from './protocol.ts';

export interface SkillHostOptions extends LaunchOptions {
  readonly storeDir: string;
  /** Most processes at once; calls beyond wait in order. */
  readonly processes: number;
  /** How long an unused process stays warm; default a minute. */
  readonly idleMs?: number;
}

export interface SkillPool extends SkillHost {
  /** Loads the code without calling it; rejects as `run` would where it does not load or exports no function. */
  check(hash: string, skill: string): Promise<void>;
}

interface Waiter {
  readonly hash: string;
  /** Of the monotonic clock. */
  readonly sinceMs: number;
  resolve(process: SkillProcess): void;
  reject(error: unknown): void;
}

const IDLE_MS = 60_000;
/** A process refuses a call when an error strayed in it before; code that strays as it loads does so in every one. */
const MAX_REFUSALS = 3;
const CHECK_TIMEOUT_MS = 10_000;
/** The next spare starts a little later, so as not to compete with the call that took this one. */
const SPARE_DELAY_MS = 50;
/** More would only slow each other down. */
const STARTS_AT_ONCE = 2;
/** Once the first call in the queue has waited so long, none overtakes it. */
const PATIENCE_MS = 200;

/**
 * Starts a first process at once, so open it where skills run and not merely because they might. An idle pool does
 * not keep its process alive. The timeout of a call counts from when a process takes it up.
 */
export function openSkillHost(options: SkillHostOptions): SkillPool {
  if (!existsSync(options.childPath)) {
    throw new SkillosError('internal', 'The program of skill processes is not built', {
      hint: 'npm run build',
    });
  }
  return new Pool(options);
}

class Pool implements SkillPool {
  readonly #storeDir: string;
  readonly #root: string;
  readonly #limit: number;
  readonly #memoryMb: number;
  readonly #idleMs: number;
  readonly #launch: ReturnType<typeof createLauncher>;
  readonly #live = new Set<SkillProcess>();
  /** Least recently used first, each with the timer that ends it. */
  readonly #idle = new Map<SkillProcess, NodeJS.Timeout>();
  readonly #queue = new Set<Waiter>();
  readonly #starting = new Set<SkillProcess>();
  /** Ready, and bound to nothing yet. */
  readonly #spares = new Set<SkillProcess>();
  #closed = false;

  constructor(options: SkillHostOptions) {
    this.#storeDir = options.storeDir;
    this.#root = realpathSync(options.root);
    this.#limit = options.processes;
    this.#memoryMb = options.memoryMb;
    this.#idleMs = options.idleMs ?? IDLE_MS;
    this.#launch = createLauncher(options);
    this.#keepSpare();
  }

  run(
    { step, payload, runId, attempt, idempotencyKey, principal, tier = 'standard' }: SkillCall,
    hooks: SkillHooks,
  ): Promise<string> {
    const context = { runId, step: step.number, attempt, idempotencyKey, principal, tier };
    const exchange = { skill: step.skill, timeoutMs: step.timeoutMs, hooks };
    return this.#exchange(step.hash, { type: 'call', payload, context }, exchange);
  }

  async check(hash: string, skill: string): Promise<void> {
    const hooks = {
      signal: new AbortController().signal,
      onLog: () => undefined,
      onHeartbeat: () => undefined,
    };
    await this.#exchange(hash, { type: 'check' }, { skill, timeoutMs: CHECK_TIMEOUT_MS, hooks });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#queue) waiter.reject(hostClosed());
    this.#queue.clear();
    const ended = [...this.#live].map((process) => process.ended);
    for (const process of this.#live) process.kill(hostClosed());
    await Promise.all(ended);
  }

  async #exchange(
    hash: string,
    message: ToChild & { readonly type: 'call' | 'check' },
    exchange: Exchange,
  ): Promise<string> {
    for (let refusals = 0; refusals <= MAX_REFUSALS; refusals++) {
      const process = await this.#acquire(hash, exchange.hooks.signal);
      try {
        await this.#bind(process, hash);
        const text = await process.exchange(message, exchange);
        if (text !== undefined) return text;
      } finally {
        this.#release(process);
      }
    }
    throw new SkillosError(
      'skill_crashed',
      `Skill ${JSON.stringify(exchange.skill)} fails before it is called`,
    );
  }

  async #bind(process: SkillProcess, hash: string): Promise<void> {
    if (process.hash !== undefined) return;
    const { file, export: name, inputs, outputs } = await loadBundle(this.#storeDir, hash);
    process.bind(hash, {
      type: 'load',
      file,
      root: this.#root,
      export: name,
      ...(inputs !== undefined && { inputs }),
      ...(outputs !== undefined && { outputs }),
    });
  }

  #acquire(hash: string, signal: AbortSignal): Promise<SkillProcess> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw hostClosed();
      const onAbort = () => {
        this.#queue.delete(waiter);
        reject(new SkillosError('run_cancelled', 'The run was cancelled before a skill process was free'));
      };
      const waiter: Waiter = {
        hash,
        sinceMs: performance.now(),
        reject,
        resolve(process) {
          signal.removeEventListener('abort', onAbort);
          resolve(process);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(waiter);
      this.#serve();
    });
  }

  /** Hands out what is free, in order; a warm process may go to a later call of its own skill, but not for long. */
  #serve(): void {
    for (const waiter of this.#queue) {
      if (this.#idle.size === 0 && this.#spares.size === 0) break;
      const process = this.#takeIdle(waiter.hash) ?? this.#takeSpare();
      if (process) {
        this.#queue.delete(waiter);
        waiter.resolve(process);
      } else if (performance.now() - waiter.sinceMs > PATIENCE_MS) {
        break;
      }
    }
    if (this.#queue.size > 0) this.#grow(this.#queue.size);
  }

  /** Starts up to so many processes, a few at once; at the limit the least recently used idle ones make room first. */
  #grow(wanted: number): void {
    if (this.#closed) return;
    const starts = Math.min(wanted, STARTS_AT_ONCE);
    while (this.#starting.size < starts && this.#live.size < this.#limit) {
      if (!this.#start()) return;
    }
    const ending = [...this.#live].filter((process) => !process.isReusable).length;
    let missing = starts - this.#starting.size - ending;
    for (const process of this.#idle.keys()) {
      if (missing-- <= 0) break;
      this.#retire(process);
    }
  }

  #start(): boolean {
    try {
      const process = new SkillProcess(this.#launch(), this.#memoryMb);
      this.#live.add(process);
      this.#starting.add(process);
      void process.ended.then(() => this.#forget(process));
      void process.ready.then(() => {
        this.#starting.delete(process);
        this.#spares.add(process);
        this.#serve();
      });
      return true;
    } catch (error) {
      this.#refuseFirst(error);
      return false;
    }
  }

  /** Each call that waits meets one failure to start, and not one for ever. */
  #refuseFirst(error: unknown): void {
    const [waiter] = this.#queue;
    if (!waiter) return;
    this.#queue.delete(waiter);
    waiter.reject(error);
  }

  #takeIdle(hash: string): SkillProcess | undefined {
    const process = [...this.#idle.keys()].findLast((idle) => idle.hash === hash && idle.isReusable);
    if (!process) return undefined;
    clearTimeout(this.#idle.get(process));
    this.#idle.delete(process);
    return process;
  }

  #takeSpare(): SkillProcess | undefined {
    const [process] = this.#spares;
    if (!process) return undefined;
    this.#spares.delete(process);
    setTimeout(() => this.#keepSpare(), SPARE_DELAY_MS).unref();
    return process;
  }

  #keepSpare(): void {
    if (this.#spares.size === 0 && this.#live.size < this.#limit) this.#grow(1);
  }

  #release(process: SkillProcess): void {
    if (!process.isReusable || process.hash === undefined) process.kill();
    else this.#idle.set(process, setTimeout(() => this.#retire(process), this.#idleMs).unref());
    this.#serve();
  }

  #retire(process: SkillProcess): void {
    clearTimeout(this.#idle.get(process));
    this.#idle.delete(process);
    process.kill();
  }

  #forget(process: SkillProcess): void {
    clearTimeout(this.#idle.get(process));
    this.#idle.delete(process);
    this.#live.delete(process);
    this.#spares.delete(process);
    if (this.#starting.delete(process)) this.#refuseFirst(process.startFailure());
    this.#serve();
    if (process.hash !== undefined) this.#keepSpare(); // one that never got a bundle may be unable to start
  }
}

function hostClosed(): SkillosError {
  return new SkillosError('skill_crashed', 'The worker stopped before the skill answered');
}
