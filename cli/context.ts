/** What a command sees of its process; tests make their own. */
import type { Readable, Writable } from 'node:stream';

export interface CliContext {
  readonly env: Record<string, string | undefined>;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** 1 means no colour. */
  readonly colorDepth: number;
  /** Whether a person sits at the terminal: only then may a command prompt or redraw. */
  readonly isInteractive: boolean;
  /** Calls `listener` on every Ctrl-C (or SIGTERM) from now on; returns a function that stops that. */
  onInterrupt(listener: () => void): () => void;
  /** Calls `close` when the command has ended, however it ended. */
  onEnd(close: () => Promise<void>): void;
  /** Unix milliseconds. */
  readonly now: () => number;
}
