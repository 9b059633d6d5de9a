/**
 * Pool of skill processes: one bundle each, reused while warm, one spare ready, a bounded number. tinypool and piscina run
 * threads or trusted code; ours needs process groups that can be killed and bound to one bundle.
 */
import { realpathSync } from 'node:fs';
import { SkillosError } from '../../core/errors/errors.ts';
import type { SkillCall, SkillHooks, SkillHost } from '../../core/runs/skill-host.ts';
import type { ExportedSchemas } from '../../core/skills/exported-schemas.ts';
import { SANDBOX_FOLDER } from '../sandbox/sandbox.ts';
import { withContent } from '../sandbox/sent-attachments.ts';
import { loadBundle } from '../skill-code/bundle-store.ts';
import { type LaunchOptions, createLauncher } from './launch.ts';
import { maskOf, maskedAnswer, maskedHooks } from './masked-call.ts';
import { type Exchange, SkillProcess } from './process.ts';
import type { ToChild } from './protocol.ts';

export interface PoolOptions extends LaunchOptions {
  readonly storeDir: string;
  /** Maximum number of processes; further calls wait in order. */
  readonly processes: number;
  /** Time after which an unused process ends; default 60 s. */
  readonly idleMs?: number;
}

export interface SkillPool extends SkillHost {
  /** Loads the code without calling it. Rejects as `run` does if it does not load or exports no function. */
  check(hash: string, skill: string): Promise<void>;
  describe(hash: string, skill: string): Promise<ExportedSchemas>; // likewise, and `code_invalid` for a schema without JSON Schema
}

interface Waiter {
  readonly hash: string;
  /** Milliseconds of the monotonic clock. */
  readonly sinceMs: number;
  resolve(process: SkillProcess): void;
  reject(error: unknown): void;
}

const IDLE_MS = 60_000;
/** A process refuses calls after an uncaught error; code with an uncaught error while loading fails in every process. */
const MAX_REFUSALS = 3;
const CHECK_TIMEOUT_MS = 10_000;
/** Delay before the next spare starts, so that it does not compete with the call that took the last one. */
const SPARE_DELAY_MS = 50;
/** Starting more processes at once slows all of them down. */
const STARTS_AT_ONCE = 2;
/** After the first call in the queue has waited this long, no later call overtakes it. */
const PATIENCE_MS = 200;
/** A process of the sandbox is replaced when it has had its bundle for this long. */
const MAX_AGE_MS = 600_000;

export class Pool implements SkillPool {
  readonly #storeDir: string;
  readonly #root: string;
  readonly #limit: number;
  readonly #memoryMb: number;
  readonly #idleMs: number;
  readonly #isConfined: boolean;
  readonly #launch: ReturnType<typeof createLauncher>;
  readonly #live = new Set<SkillProcess>();
  /** Least recently used first, each with the timer that ends it. */
  readonly #idle = new Map<SkillProcess, NodeJS.Timeout>();
  readonly #queue = new Set<Waiter>();
  readonly #starting = new Set<SkillProcess>();
  /** Ready processes without a bundle. */
  readonly #spares = new Set<SkillProcess>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#storeDir = options.storeDir;
    this.#root = realpathSync(options.root);
    this.#limit = options.processes;
    this.#memoryMb = options.memoryMb;
    this.#idleMs = options.idleMs ?? IDLE_MS;
    this.#isConfined = options.isConfined === true;
    this.#launch = createLauncher(options);
    this.#keepSpare();
  }

  run(
    { step, payload, attachments = [], tier = 'standard', secrets = {}, ...call }: SkillCall,
    hooks: SkillHooks,
  ): Promise<string> {
    const context = { ...call, step: step.number, tier };
    const mask = maskOf(secrets);
    const exchange = {
      skill: step.skill,
      timeoutMs: step.timeoutMs,
      hooks: maskedHooks(hooks, mask),
      ...(mask && { mask }),
    };
    const message = {
      type: 'call',
      payload,
      context,
      ...(step.connectors === undefined ? {} : { connectors: step.connectors }),
      ...(step.secrets === undefined ? {} : { secrets }),
      ...(attachments.length === 0 ? {} : { attachments }),
    } as const;
    return maskedAnswer(this.#exchange(step.hash, message, exchange), mask);
  }

  async check(hash: string, skill: string): Promise<void> {
    await this.#load(hash, skill, 'check');
  }

  async describe(hash: string, skill: string): Promise<ExportedSchemas> {
    return JSON.parse(await this.#load(hash, skill, 'describe')) as ExportedSchemas; // its schemas are checked before use
  }

  #load(hash: string, skill: string, type: 'check' | 'describe'): Promise<string> {
    const ignore = () => undefined;
    const hooks = { signal: new AbortController().signal, onLog: ignore, onHeartbeat: ignore };
    return this.#exchange(hash, { type }, { skill, timeoutMs: CHECK_TIMEOUT_MS, hooks });
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
    message: ToChild & { readonly type: 'call' | 'check' | 'describe' },
    exchange: Exchange,
  ): Promise<string> {
    for (let refusals = 0; refusals <= MAX_REFUSALS; refusals++) {
      const process = await this.#acquire(hash, exchange.hooks.signal);
      try {
        await this.#bind(process, hash);
        const sent = this.#isConfined ? await withContent(message) : message;
        const text = await process.exchange(sent, exchange);
        if (text !== undefined) return text;
      } finally {
        await this.#release(process);
      }
    }
    throw new SkillosError(
      'skill_crashed',
      `Skill ${JSON.stringify(exchange.skill)} fails while it is loaded`,
    );
  }

  async #bind(process: SkillProcess, hash: string): Promise<void> {
    if (process.hash !== undefined) return;
    const { file, code, export: name, inputs, outputs } = await loadBundle(this.#storeDir, hash);
    process.bind(hash, {
      type: 'load',
      ...(this.#isConfined
        ? { file: `${SANDBOX_FOLDER}/${hash}.mjs`, code, root: SANDBOX_FOLDER }
        : { file, root: this.#root }),
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

  /**
   * Assigns free processes in order, except that for 200 ms a warm process may first serve a later call of
   * its own skill.
   */
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

  /** Starts up to `wanted` processes, two at once; at the limit it ends the least recently used idle ones first. */
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

  /** Each failure to start rejects one waiting call, so that calls do not wait for ever. */
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

  /** Resolves when the process is idle, or has ended with all that it has started. */
  async #release(process: SkillProcess): Promise<void> {
    if (process.isReusable && process.hash !== undefined && !this.#isSpent(process)) {
      this.#idle.set(process, setTimeout(() => this.#retire(process), this.#idleMs).unref());
      this.#serve();
    } else {
      process.kill();
      this.#serve();
      await process.ended;
    }
  }

  /** In time before the limit of CPU time in the sandbox ends it during a call. */
  #isSpent({ boundMs }: SkillProcess): boolean {
    return this.#isConfined && performance.now() - boundMs > MAX_AGE_MS;
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
    if (process.hash !== undefined) this.#keepSpare(); // not after a process without a bundle, which may be unable to start
  }
}

export function hostClosed(): SkillosError {
  return new SkillosError('skill_crashed', 'The worker stopped before the skill answered');
}
