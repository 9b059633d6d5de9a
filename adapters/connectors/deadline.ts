/** Ends work at its timeout, and when nobody waits for it any more. */
import { EventEmitter } from 'node:events';

export interface DeadlineOptions {
  readonly ms: number;
  /** Aborts when nobody waits for the work. */
  readonly signal: AbortSignal;
  /** The reason to give up at the timeout. */
  readonly expired: () => Error;
}

/** Emits `abort` when the work is to end. undici takes it as a signal; most calls need no `AbortSignal`, which costs more. */
export class Deadline extends EventEmitter<{ abort: [] }> {
  aborted = false;
  reason: unknown;
  readonly #endsAt: number;
  #abort: AbortController | undefined;

  constructor(ms: number) {
    super();
    this.#endsAt = performance.now() + ms;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.aborted) this.#abort.abort(this.reason);
    }
    return this.#abort.signal;
  }

  remainingMs(): number {
    return this.#endsAt - performance.now();
  }

  end(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#abort?.abort(reason);
    this.emit('abort');
  }
}

/** Rejects at the deadline even if the work does not end then. */
export async function withDeadline<T>(
  { ms, signal, expired }: DeadlineOptions,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const deadline = new Deadline(ms);
  const onAbort = () => deadline.end(signal.reason);
  const timer = setTimeout(() => deadline.end(expired()), ms);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      deadline.once('abort', () => reject(deadline.reason as Error));
      work(deadline).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
