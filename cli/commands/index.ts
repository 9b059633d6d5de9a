/** Every command as it is typed; a command's file is loaded only when it is asked for, so that start-up stays short. */
import type { CommandClass } from 'clipanion';
import type { SkillosCommand } from '../command.ts';
import type { CliContext } from '../context.ts';

export interface CommandEntry {
  readonly path: string;
  readonly group: 'Run' | 'Author' | 'Operate' | 'Help';
  readonly summary: string;
  readonly load: () => Promise<CommandClass<CliContext> & (new () => SkillosCommand)>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    path: 'explain',
    group: 'Help',
    summary: 'Say what an error code means and what to do about it',
    load: async () => (await import('./explain.ts')).ExplainCommand,
  },
];
