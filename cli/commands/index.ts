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
    path: 'run',
    group: 'Run',
    summary: 'Route a query to a skill, and run it with --execute',
    load: async () => (await import('./run.ts')).RunCommand,
  },
  {
    path: 'run-skill',
    group: 'Run',
    summary: 'Run one skill by its id',
    load: async () => (await import('./run-skill.ts')).RunSkillCommand,
  },
  {
    path: 'runs list',
    group: 'Run',
    summary: 'List runs, newest first',
    load: async () => (await import('./runs/list.ts')).RunsListCommand,
  },
  {
    path: 'runs show',
    group: 'Run',
    summary: 'Show one run',
    load: async () => (await import('./runs/show.ts')).RunsShowCommand,
  },
  {
    path: 'runs watch',
    group: 'Run',
    summary: 'Follow a run to its end',
    load: async () => (await import('./runs/watch.ts')).RunsWatchCommand,
  },
  {
    path: 'runs logs',
    group: 'Run',
    summary: 'Print what the skills of a run wrote',
    load: async () => (await import('./runs/logs.ts')).RunsLogsCommand,
  },
  {
    path: 'runs cancel',
    group: 'Run',
    summary: 'Cancel a run',
    load: async () => (await import('./runs/cancel.ts')).RunsCancelCommand,
  },
  {
    path: 'worker',
    group: 'Operate',
    summary: 'Serve runs until told to stop',
    load: async () => (await import('./worker.ts')).WorkerCommand,
  },
  {
    path: 'explain',
    group: 'Help',
    summary: 'Say what an error code means and what to do about it',
    load: async () => (await import('./explain.ts')).ExplainCommand,
  },
];
