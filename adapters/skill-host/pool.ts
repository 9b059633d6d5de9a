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
  resolve(process: SkillProcess): void;
  reject(error: unknown): void;
}

const IDLE_MS = 60_000;
const CHECK_TIMEOUT_MS = 10_000;
/** The next spare starts a little later, so as not to compete with the call that took this one. */
const SPARE_DELAY_MS = 50;

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
  readonly #idleMs: number;
  readonly #launch: ReturnType<typeof createLauncher>;
  readonly #live = new Set<SkillProcess>();
  /** Least recently used first, each with the timer that ends it. */
  readonly #idle = new Map<SkillProcess, NodeJS.Timeout>();
  readonly #queue: Waiter[] = [];
  #spare: SkillProcess | undefined;
  #closed = false;

  constructor(options: SkillHostOptions) {
    this.#storeDir = options.storeDir;
    this.#root = realpathSync(options.root);
    this.#limit = options.processes;
    this.#idleMs = options.idleMs ?? IDLE_MS;
    this.#launch = createLauncher(options);
    this.#keepSpare();
  }

  run(
    { step, payload, runId, attempt, idempotencyKey, principal }: SkillCall,
    hooks: SkillHooks,
  ): Promise<string> {
    const context = { runId, step: step.number, attempt, idempotencyKey, principal };
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
    for (const waiter of this.#queue.splice(0)) waiter.reject(hostClosed());
    const ended = [...this.#live].map((process) => process.ended);
    for (const process of this.#live) process.kill(hostClosed());
    await Promise.all(ended);
  }

  async #exchange(
    hash: string,
    message: ToChild & { readonly type: 'call' | 'check' },
    exchange: Exchange,
  ): Promise<string> {
    for (;;) {
      const process = await this.#acquire(hash, exchange.hooks.signal);
      try {
        await this.#bind(process, hash);
        const text = await process.exchange(message, exchange);
        if (text !== undefined) return text;
      } finally {
        this.#release(process);
      }
    }
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
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(new SkillosError('run_cancelled', 'The run was cancelled before a skill process was free'));
      };
      const waiter: Waiter = {
        hash,
        reject,
        resolve(process) {
          signal.removeEventListener('abort', onAbort);
          resolve(process);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(waiter);
      this.#serve();
    });
  }

  /** Hands processes to those who wait, in order. */
  #serve(): void {
    for (let waiter = this.#queue[0]; waiter; waiter = this.#queue[0]) {
      try {
        const process = this.#takeIdle(waiter.hash) ?? this.#takeUnbound();
        if (!process) break;
        waiter.resolve(process);
      } catch (error) {
        waiter.reject(error);
      }
      this.#queue.shift();
    }
    // Each of the others needs a place: the least recently used processes leave, and their end serves again.
    let missing = this.#queue.length - [...this.#live].filter((process) => !process.isReusable).length;
    for (const process of this.#idle.keys()) {
      if (missing-- <= 0) break;
      this.#retire(process);
    }
  }

  #takeIdle(hash: string): SkillProcess | undefined {
    const process = [...this.#idle.keys()].findLast((idle) => idle.hash === hash && idle.isReusable);
    if (!process) return undefined;
    clearTimeout(this.#idle.get(process));
    this.#idle.delete(process);
    return process;
  }

  #takeUnbound(): SkillProcess | undefined {
    const process = this.#spare?.isReusable ? this.#spare : this.#spawn();
    if (!process) return undefined;
    this.#spare = undefined;
    setTimeout(() => this.#keepSpare(), SPARE_DELAY_MS).unref();
    return process;
  }

  #spawn(): SkillProcess | undefined {
    if (this.#closed || this.#live.size >= this.#limit) return undefined;
    const process = new SkillProcess(this.#launch());
    this.#live.add(process);
    void process.ended.then(() => this.#forget(process));
    return process;
  }

  #keepSpare(): void {
    if (this.#queue.length > 0) return;
    try {
      this.#spare ??= this.#spawn();
    } catch {
      // the next call tries again, and reports
    }
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
    if (this.#spare === process) this.#spare = undefined;
    this.#serve();
    if (process.hash !== undefined) this.#keepSpare(); // one that never got a bundle may be unable to start
  }
}

function hostClosed(): SkillosError {
  return new SkillosError('skill_crashed', 'The worker stopped before the skill answered');
}
