/** The worker's side of one skill process: bound to one bundle, one call at a time, not reused after a failure. */
import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import process from 'node:process';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { SkillosError } from '../../core/errors/errors.ts';
import type { SkillHooks } from '../../core/runs/skill-host.ts';
import type { OutputMask } from '../../core/settings/masking.ts';
import { ConnectorCalls } from './connector-calls.ts';
import { endInSandbox, sandboxUnavailable } from '../sandbox/sandbox.ts';
import { endMarked } from './descendants.ts';
import { type Launched, dataLimit } from './launch.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { Failure, ToChild } from './protocol.ts';
import { CHANNEL_FD, FrameReader, MAX_FAILURE_CHARS, MAX_OUTPUT_BYTES, encodeFrame } from './protocol.ts';
import { type Reply, parseReply } from './replies.ts';
import { RunLog } from './run-log.ts';

export interface Exchange {
  /** For error messages. */
  readonly skill: string;
  readonly timeoutMs: number;
  readonly hooks: SkillHooks;
  /** For log lines. */
  readonly mask?: OutputMask;
}

interface ActiveExchange extends Exchange {
  readonly log: RunLog;
  readonly calls: ConnectorCalls;
  /** Resolves to undefined if the process refused the call. */
  resolve(text: string | undefined): void;
  reject(error: unknown): void;
}

/** Grace periods for clean-up after a cancellation and after a timeout; then the process group is killed. */
const CANCEL_GRACE_MS = 2000;
const TIMEOUT_GRACE_MS = 100;
/** The last answer of a process that has ended is read within this time. */
const CHANNEL_GRACE_MS = 1000;
/** Maximum delay of Node's timers; longer ones fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const TAIL_CHARS = 4096;
const OUT_OF_MEMORY = /out of memory|Last few GCs|bad_alloc|allocation failed|cannot allocate/i;

export class SkillProcess {
  /** Content hash of the bundle; undefined until `bind`. */
  hash: string | undefined;
  /** Time of `bind`, in milliseconds of the monotonic clock. */
  boundMs = 0;
  /** Resolves when the process listens; never if it ends before. */
  readonly ready: Promise<void>;
  /** Resolves when the process and all that it has started have ended, and its channel is closed. */
  readonly ended: Promise<void>;
  readonly #launched: Launched;
  readonly #channel: Socket;
  readonly #memory: MemoryWatch;
  readonly #reader = new FrameReader(MAX_OUTPUT_BYTES);
  #active: ActiveExchange | undefined;
  #unusable = false;
  /** Reason for ending the process; takes precedence over a late answer. */
  #endReason: SkillosError | undefined;
  #killTimer: NodeJS.Timeout | undefined;
  #tail = '';
  #hasEnded = false;
  #onReady: () => void = () => undefined;

  /** Throws if the system could not start the process. */
  constructor(launched: Launched, memoryMb: number) {
    const { child, isConfined } = launched;
    this.#launched = launched;
    this.#memory = new MemoryWatch(child.pid, dataLimit(memoryMb), isConfined ? 2 : 0);
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', (cause) => {
        this.#endReason = cannotStart(cause);
        resolve();
      });
    });
    const channel = child.stdio?.[CHANNEL_FD];
    if (!channel) throw cannotStart(undefined); // no file descriptors left; Node's types do not allow for it
    this.#channel = channel as Socket; // launch.ts requests a pipe
    const closed = new Promise<void>((resolve) => {
      this.#channel.once('close', () => resolve());
    });
    // Bubblewrap ends, and tells how, after Node has closed the channel.
    const told = () =>
      isConfined ? Promise.race([exited, delay(CHANNEL_GRACE_MS, undefined, { ref: false })]) : null;
    void closed.then(told).then(() => this.kill());
    this.ended = exited.then(() => this.#endOthers(closed)).then(() => this.#rejectActive());
    this.#channel.on('data', (chunk: Buffer) => this.#receive(chunk)).on('error', () => this.kill());
    child.stdout?.on('data', (chunk: Buffer) => this.#active?.log.write('stdout', chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#logStderr(chunk));
    // A caller may wait until it is ready; afterwards only a call keeps the worker's process alive.
    for (const pipe of child.stdio) (pipe as Socket | null)?.unref();
    void this.ready.then(() => child.unref());
  }

  get isReusable(): boolean {
    return !this.#unusable && this.#endReason === undefined && this.#channel.writable;
  }

  bind(hash: string, bundle: ToChild & { readonly type: 'load' }): void {
    this.hash = hash;
    this.boundMs = performance.now();
    this.#send(JSON.stringify(bundle));
  }

  /** Resolves to the result's JSON text, or to undefined if the process had become unusable before the call. */
  async exchange(
    message: ToChild & { readonly type: 'call' | 'check' | 'describe' },
    exchange: Exchange,
  ): Promise<string | undefined> {
    const { hooks, skill, timeoutMs } = exchange;
    if (hooks.signal.aborted) throw cancelled(skill);
    if (this.#hasEnded) throw this.#endReason ?? this.#crash(skill);
    const onAbort = () => this.#end(cancelled(skill), CANCEL_GRACE_MS);
    // This timer alone keeps the worker's process alive during a call.
    const timer = setTimeout(
      () => this.#end(timedOut(skill, timeoutMs), TIMEOUT_GRACE_MS),
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
    this.#tail = '';
    const watch = this.#memory.start();
    const log = new RunLog((line) => hooks.onLog(line), exchange.mask);
    const calls = new ConnectorCalls({
      onConnectorCall: hooks.onConnectorCall,
      sendText: (text, sent) => this.#send(text, sent),
    });
    try {
      return await new Promise((resolve, reject) => {
        this.#active = { ...exchange, log, calls, resolve, reject };
        hooks.signal.addEventListener('abort', onAbort, { once: true });
        this.#send(JSON.stringify(message));
      });
    } finally {
      calls.end();
      clearTimeout(timer);
      clearInterval(watch);
      hooks.signal.removeEventListener('abort', onAbort);
      await nextTurn(); // output printed before the answer is in the pipes now
      log.end();
      this.#active = undefined;
    }
  }

  /** Error of a process that never became ready. */
  startFailure(): SkillosError {
    if (this.#launched.isConfined) return sandboxUnavailable(this.#tail);
    return this.#endReason ?? cannotStart(new Error(this.#tail));
  }

  /** Kills the process group; a call in progress is rejected with `reason`, or as crashed. */
  kill(reason?: SkillosError): void {
    this.#endReason ??= reason;
    this.#unusable = true;
    clearTimeout(this.#killTimer);
    // Referenced again, so that this process waits for the end if a caller does.
    this.#launched.child.ref();
    this.#channel.ref();
    const { pid } = this.#launched.child;
    if (pid === undefined || this.#hasEnded) return; // a free pid may belong to another process
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // ESRCH: the group has ended
    }
  }

  #end(reason: SkillosError, graceMs: number): void {
    if (this.#endReason) return;
    this.#endReason = reason;
    this.#active?.calls.end();
    this.#send(JSON.stringify({ type: 'cancel', reason: reason.message } satisfies ToChild));
    this.#killTimer = setTimeout(() => this.kill(), graceMs);
  }

  #send(text: string, sent?: () => void): void {
    this.#channel.write(encodeFrame({ kind: 'message', text }), sent);
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#handle(parseReply(frame));
    } catch (cause) {
      const skill = this.#active?.skill ?? 'unknown';
      const message = `Skill ${JSON.stringify(skill)} wrote to the reserved channel of its process`;
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
      case 'connector_call':
        this.#active?.calls.begin(reply);
        break;
      case 'connector_cancel':
        this.#active?.calls.cancel(reply.id);
        break;
      case 'unusable':
        this.#unusable = true;
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
    if (this.#endReason) {
      this.kill(); // the call is rejected when the process has ended
      return;
    }
    if (!failure) {
      this.#active?.resolve(text);
      return;
    }
    for (const line of failure.stack?.split('\n') ?? [])
      this.#active?.log.line({ stream: 'stderr', message: line });
    const { code, message, details } = failure;
    const shown = this.#active?.mask?.text(message) ?? message;
    this.#active?.reject(
      new SkillosError(code, shown.slice(0, MAX_FAILURE_CHARS), { ...(details && { details }) }),
    );
  }

  #logStderr(chunk: Buffer): void {
    this.#active?.log.write('stderr', chunk);
    this.#tail = (this.#tail + chunk.toString('latin1')).slice(-TAIL_CHARS);
  }

  /** A process that was left behind and is not found may keep its end of the channel open. */
  async #endOthers(closed: Promise<void>): Promise<void> {
    this.kill();
    if (this.hash !== undefined) await endMarked(this.#launched.mark);
    const timer = new AbortController();
    await Promise.race([closed, delay(CHANNEL_GRACE_MS, undefined, { signal: timer.signal })]);
    timer.abort();
    this.#channel.destroy();
    await closed;
  }

  async #rejectActive(): Promise<void> {
    await nextTurn();
    this.#hasEnded = true;
    this.#active?.reject(this.#endReason ?? this.#crash(this.#active.skill));
  }

  #crash(id: string): SkillosError {
    const { child, isConfined } = this.#launched;
    const { exitCode, signalCode } = isConfined ? endInSandbox(child) : child;
    const skill = JSON.stringify(id);
    if (signalCode && (OUT_OF_MEMORY.test(this.#tail) || this.#memory.wasHigh)) {
      return new SkillosError(
        'skill_out_of_memory',
        `Skill ${skill} exceeded the memory limit of its process`,
      );
    }
    const how = signalCode ? `signal ${signalCode}` : `exit code ${exitCode}`;
    const message = `The process of skill ${skill} ended with ${how} before it answered`;
    const details = signalCode ? { signal: signalCode } : { exit_code: exitCode };
    return new SkillosError('skill_crashed', message, { details });
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
