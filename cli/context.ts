/** The process and the registry of commands, as commands receive them; tests make their own. */
import type { Readable, Writable } from 'node:stream';
import type { Command, CommandClass } from 'clipanion';
import type { ExitCode } from '../core/errors/exit-codes.ts';
import type { Config } from '../core/settings/config.ts';

/** A command: the words to type, and the function that loads its class. */
export interface CommandEntry {
  readonly path: string;
  readonly group: 'Run' | 'Author' | 'Operate' | 'Help';
  readonly summary: string;
  readonly load: () => Promise<CommandClass<CliContext> & (new () => PerformingCommand)>;
}

export type PerformingCommand = Command<CliContext> & {
  /** The environment with the root that the command reads. */
  located(): { readonly env: CliContext['env'] };
  /** Throws `config_invalid`. */
  readonly config: Config;
  perform(): Promise<ExitCode>;
};

export interface CliContext {
  /** All commands, for help and completion. */
  readonly commands: readonly CommandEntry[];
  readonly env: Record<string, string | undefined>;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** True if stdout is not a terminal. */
  readonly isPiped: boolean;
  /** 1 means no colour. */
  readonly colorDepth: number;
  /** True if stdin and stderr are a terminal, and not in CI: only then may a command prompt or redraw. */
  readonly isInteractive: boolean;
  /** Calls `listener` on every Ctrl-C and SIGTERM until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
  /** Calls `close` when the command has ended, also after an error. */
  onEnd(close: () => Promise<void>): void;
  /** Unix milliseconds. */
  readonly now: () => number;
}
