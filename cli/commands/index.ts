/** Every command, by what it is for. */
import type { CommandEntry } from '../command-entry.ts';
import { AUTHOR_COMMANDS } from './groups/author.ts';
import { HELP_COMMANDS } from './groups/help.ts';
import { OPERATE_COMMANDS } from './groups/operate.ts';
import { RUN_COMMANDS } from './groups/run.ts';

export const COMMANDS: readonly CommandEntry[] = [
  ...RUN_COMMANDS,
  ...AUTHOR_COMMANDS,
  ...OPERATE_COMMANDS,
  ...HELP_COMMANDS,
];
