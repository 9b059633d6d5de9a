/** One skill process seen from the worker: bound to one bundle, one call at a time, never used again after a mishap. */
import type { Buffer } from 'node:buffer';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SkillosError } from '../../core/errors.ts';
import type { SkillHooks } from '../../core/ports.ts';
import { dataLimitBytes } from './launch.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { Failure, ToChild } from './protocol.ts';
import { CHANNEL_FD, FrameReader, MAX_OUTPUT_BYTES, encodeFrame } from './protocol.ts';
import type { Reply } from './replies.ts';
import { parseReply } from './replies.ts';
import { RunLog } from './run-log.ts';

export interface Exchange {
  /** For error messages. */
  readonly skill: string;
  readonly timeoutMs: number;
  readonly hooks: SkillHooks;
}

interface ActiveExchange extends Exchange {
  readonly log: RunLog;
  /** `undefined` where the process refused. */
  resolve(text: string | undefined): void;
  reject(error: unknown): void;
}

/** After a cancel a skill may tidy up for this long, after its timeout for that long; then its group is killed. */
const CANCEL_GRACE_MS = 2000;
const TIMEOUT_GRACE_MS = 100;
/** The longest that Node's timers take; beyond it they fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const TAIL_CHARS = 4096;
const OUT_OF_MEMORY = /out of memory|Last few GCs|bad_alloc|allocation failed|cannot allocate/i;

export class SkillProcess {
  /** Content hash of the bundle it is bound to, once it is. */
  hash: string | undefined;
  /** Resolves when it listens; never, where it ends before. */
  readonly ready: Promise<void>;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  readonly #memory: MemoryWatch;
  readonly #reader = new FrameReader(MAX_OUTPUT_BYTES);
  #active: ActiveExchange | undefined;
  #spoilt = false;
  /** Why the process is being ended; beats whatever it still answers. */
  #verdict: SkillosError | undefined;
  #killTimer: NodeJS.Timeout | undefined;
  #tail = '';
  #gone = false;
  #onReady: () => void = () => undefined;

  /** Throws where the system gave no process. */
  constructor(child: ChildProcess, memoryMb: number) {
    this.#child = child;
    this.#memory = new MemoryWatch(child.pid, dataLimitBytes(memoryMb));
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', (cause) => {
        this.#verdict = cannotStart(cause);
        resolve();
      });
    });
    const channel = child.stdio?.[CHANNEL_FD];
    if (!channel) throw cannotStart(undefined); // no file descriptors left; Node types it as always there
    this.#channel = channel as Socket; // what launch.ts asks for
    const closed = new Promise<void>((resolve) => {
      this.#channel.once('close', () => resolve());
    });
    this.ended = Promise.all([exited, closed].map((half) => half.then(() => this.kill()))).then(() =>
      this.#bury(),
    );
    this.#channel.on('data', (chunk: Buffer) => this.#receive(chunk)).on('error', () => this.kill());
    child.stdout?.on('data', (chunk: Buffer) => this.#active?.log.write('stdout', chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#printed(chunk));
    // Until it is ready someone may wait for it; from then on only a call keeps the worker alive.
    for (const pipe of child.stdio) (pipe as Socket | null)?.unref();
    void this.ready.then(() => child.unref());
  }

  get isReusable(): boolean {
    return !this.#spoilt && this.#verdict === undefined && this.#channel.writable;
  }

  bind(hash: string, bundle: ToChild & { readonly type: 'load' }): void {
    this.hash = hash;
    this.#send(bundle);
  }

  /** Resolves to the result's JSON text, or to `undefined` where the process was spoilt before it began. */
  async exchange(
    message: ToChild & { readonly type: 'call' | 'check' },
    exchange: Exchange,
  ): Promise<string | undefined> {
    const { hooks, skill, timeoutMs } = exchange;
    if (hooks.signal.aborted) throw cancelled(skill);
    if (this.#gone) throw this.#verdict ?? this.#crash(skill);
    const onAbort = () => this.#end(cancelled(skill), CANCEL_GRACE_MS);
    // This timer alone keeps the worker's process alive during a call.
    const timer = setTimeout(
      () => this.#end(timedOut(skill, timeoutMs), TIMEOUT_GRACE_MS),
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
    this.#tail = '';
    const watch = this.#memory.start();
    const log = new RunLog((line) => hooks.onLog(line));
    try {
      return await new Promise((resolve, reject) => {
        this.#active = { ...exchange, log, resolve, reject };
        hooks.signal.addEventListener('abort', onAbort, { once: true });
        this.#send(message);
      });
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      hooks.signal.removeEventListener('abort', onAbort);
      await nextTurn(); // what it printed before it answered is in the pipes by now
      log.end();
      this.#active = undefined;
    }
  }

  /** Why it never became ready. */
  startFailure(): SkillosError {
    return this.#verdict ?? cannotStart(new Error(this.#tail));
  }

  /** Ends it with all it started; a call under way is rejected with `verdict` or as crashed. */
  kill(verdict?: SkillosError): void {
    this.#verdict ??= verdict;
    this.#spoilt = true;
    clearTimeout(this.#killTimer);
    // Whoever waits for its end lives to see it.
    this.#child.ref();
    this.#channel.ref();
    const { pid } = this.#child;
    if (pid === undefined || this.#gone) return; // a number that is free may be another's by now
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // ESRCH: the group is gone already
    }
  }

  #end(verdict: SkillosError, graceMs: number): void {
    if (this.#verdict) return;
    this.#verdict = verdict;
    this.#send({ type: 'cancel', reason: verdict.message });
    this.#killTimer = setTimeout(() => this.kill(), graceMs);
  }

  #send(message: ToChild): void {
    this.#channel.write(encodeFrame({ kind: 'message', text: JSON.stringify(message) }));
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#handle(parseReply(frame));
    } catch (cause) {
      const skill = this.#active?.skill ?? 'unknown';
      const message = `Skill ${JSON.stringify(skill)} wrote to the channel of its process, which is not its own`;
      this.kill(new SkillosError('skill_crashed', message, { cause }));
    }
  }

  #handle(reply: Reply): void {
    switch (reply.type) {
      case 'ready':
        this.#onReady();
        break;
      case 'log':
        this.#active?.log.line({
          stream: 'log',
          message: reply.message,
          ...(reply.fields && { fields: reply.fields }),
        });
        break;
      case 'heartbeat':
        this.#active?.hooks.onHeartbeat(reply.progress);
        break;
      case 'spoilt':
        this.#spoilt = true;
        if (!this.#active) this.kill();
        break;
      case 'refused':
        this.#settle(undefined, undefined);
        break;
      case 'failed':
        this.#settle(reply.failure, undefined);
        break;
      case 'result':
        this.#settle(undefined, reply.text);
        break;
    }
  }

  #settle(failure: Failure | undefined, text: string | undefined): void {
    if (this.#verdict) {
      this.kill(); // the call is rejected when it is gone
      return;
    }
    if (!failure) {
      this.#active?.resolve(text);
      return;
    }
    for (const line of failure.stack?.split('\n') ?? [])
      this.#active?.log.line({ stream: 'stderr', message: line });
    const { code, message, details } = failure;
    this.#active?.reject(new SkillosError(code, message, { ...(details && { details }) }));
  }

  #printed(chunk: Buffer): void {
    this.#active?.log.write('stderr', chunk);
    this.#tail = (this.#tail + chunk.toString('latin1')).slice(-TAIL_CHARS);
  }

  async #bury(): Promise<void> {
    await nextTurn();
    this.#gone = true;
    this.#active?.reject(this.#verdict ?? this.#crash(this.#active.skill));
  }

  #crash(id: string): SkillosError {
    const { exitCode, signalCode } = this.#child;
    const skill = JSON.stringify(id);
    if (signalCode && (OUT_OF_MEMORY.test(this.#tail) || this.#memory.wasHigh)) {
      return new SkillosError('skill_out_of_memory', `Skill ${skill} went over the memory of its process`);
    }
    const how = signalCode ? `signal ${signalCode}` : `exit code ${exitCode}`;
    return new SkillosError(
      'skill_crashed',
      `The process of skill ${skill} ended with ${how} before it answered`,
      {
        details: signalCode ? { signal: signalCode } : { exit_code: exitCode },
      },
    );
  }
}

function cannotStart(cause: unknown): SkillosError {
  return new SkillosError('internal', 'A skill process could not be started', { cause });
}

function cancelled(skill: string): SkillosError {
  return new SkillosError('run_cancelled', `Skill ${JSON.stringify(skill)} was cancelled`);
}

function timedOut(skill: string, timeoutMs: number): SkillosError {
  const message = `Skill ${JSON.stringify(skill)} did not return within ${timeoutMs} ms`;
  return new SkillosError('skill_timeout', message, { details: { timeout_ms: timeoutMs } });
}
