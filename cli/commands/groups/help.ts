/** Commands that explain the others. */
import type { CommandEntry } from '../../command-entry.ts';

export const HELP_COMMANDS: readonly CommandEntry[] = [
  {
    path: 'explain',
    group: 'Help',
    summary: 'Say what an error code means and what to do about it',
    load: async () => (await import('../explain.ts')).ExplainCommand,
  },
  {
    path: 'help',
    group: 'Help',
    summary: 'List the commands, or say how one is used',
    load: async () => (await import('../help.ts')).HelpCommand,
  },
  {
    path: 'help exit-codes',
    group: 'Help',
    summary: 'List what the exit codes mean',
    load: async () => (await import('../help/exit-codes.ts')).HelpExitCodesCommand,
  },
  {
    path: 'config',
    group: 'Help',
    summary: 'Show every setting, its value and where it comes from',
    load: async () => (await import('../config.ts')).ConfigCommand,
  },
  {
    path: 'completion',
    group: 'Help',
    summary: 'Print the completion script of a shell',
    load: async () => (await import('../completion.ts')).CompletionCommand,
  },
];
