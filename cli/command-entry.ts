/** A command as it is typed; its file is loaded only when it is asked for, so that start-up stays short. */
import type { CommandClass } from 'clipanion';
import type { SkillosCommand } from './command.ts';
import type { CliContext } from './context.ts';

export interface CommandEntry {
  readonly path: string;
  readonly group: 'Run' | 'Author' | 'Operate' | 'Help';
  readonly summary: string;
  readonly load: () => Promise<CommandClass<CliContext> & (new () => SkillosCommand)>;
}
