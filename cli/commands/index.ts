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
    path: 'pipeline run',
    group: 'Run',
    summary: 'Run skills one after another, and some of them at once',
    load: async () => (await import('./pipeline/run.ts')).PipelineRunCommand,
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
    path: 'why',
    group: 'Run',
    summary: 'Say why a run stands where it stands, and what helps',
    load: async () => (await import('./why.ts')).WhyCommand,
  },
  {
    path: 'debug',
    group: 'Run',
    summary: 'Show where a run is paused, and tell it how to go on',
    load: async () => (await import('./debug.ts')).DebugCommand,
  },
  {
    path: 'runs rerun',
    group: 'Run',
    summary: 'Repeat a run, all of it or from a step on; or many runs',
    load: async () => (await import('./runs/rerun.ts')).RunsRerunCommand,
  },
  {
    path: 'runs trace',
    group: 'Run',
    summary: 'Show what a run did: its steps, what went in and out, how often and how long',
    load: async () => (await import('./runs/trace.ts')).RunsTraceCommand,
  },
  {
    path: 'runs diff',
    group: 'Run',
    summary: 'Hold two runs side by side',
    load: async () => (await import('./runs/diff.ts')).RunsDiffCommand,
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
    path: 'approvals list',
    group: 'Run',
    summary: 'List the runs that wait for people',
    load: async () => (await import('./approvals/list.ts')).ApprovalsListCommand,
  },
  {
    path: 'approvals show',
    group: 'Run',
    summary: 'Show what a run waits for: plan, input, side effects, cost, who asks',
    load: async () => (await import('./approvals/show.ts')).ApprovalsShowCommand,
  },
  {
    path: 'approvals approve',
    group: 'Run',
    summary: 'Approve a run that waits',
    load: async () => (await import('./approvals/approve.ts')).ApprovalsApproveCommand,
  },
  {
    path: 'approvals deny',
    group: 'Run',
    summary: 'Deny a run that waits',
    load: async () => (await import('./approvals/deny.ts')).ApprovalsDenyCommand,
  },
  {
    path: 'approve',
    group: 'Run',
    summary: 'The same as approvals approve',
    load: async () => (await import('./approve.ts')).ApproveCommand,
  },
  {
    path: 'deny',
    group: 'Run',
    summary: 'The same as approvals deny',
    load: async () => (await import('./deny.ts')).DenyCommand,
  },
  {
    path: 'init',
    group: 'Author',
    summary: 'Make a new skills root with one example skill',
    load: async () => (await import('./init.ts')).InitCommand,
  },
  {
    path: 'add-skill',
    group: 'Author',
    summary: 'Create a skill: manifest, implementation and test',
    load: async () => (await import('./add-skill.ts')).AddSkillCommand,
  },
  {
    path: 'validate',
    group: 'Author',
    summary: 'List what is wrong with the skills and policies of a root',
    load: async () => (await import('./validate.ts')).ValidateCommand,
  },
  {
    path: 'skills list',
    group: 'Author',
    summary: 'List the skills of a root',
    load: async () => (await import('./skills/list.ts')).SkillsListCommand,
  },
  {
    path: 'skills show',
    group: 'Author',
    summary: 'Show one skill: what it takes, and how it runs',
    load: async () => (await import('./skills/show.ts')).SkillsShowCommand,
  },
  {
    path: 'deprecate-skill',
    group: 'Author',
    summary: 'Mark a skill as deprecated',
    load: async () => (await import('./deprecate-skill.ts')).DeprecateSkillCommand,
  },
  {
    path: 'undeprecate-skill',
    group: 'Author',
    summary: 'Take back the deprecation of a skill',
    load: async () => (await import('./undeprecate-skill.ts')).UndeprecateSkillCommand,
  },
  {
    path: 'compose-skill',
    group: 'Author',
    summary: 'Make a skill of skills',
    load: async () => (await import('./compose-skill.ts')).ComposeSkillCommand,
  },
  {
    path: 'test',
    group: 'Author',
    summary: 'Test a skill or a composition, offline',
    load: async () => (await import('./test.ts')).TestCommand,
  },
  {
    path: 'record',
    group: 'Author',
    summary: 'Turn a run into a test of its skill',
    load: async () => (await import('./record.ts')).RecordCommand,
  },
  {
    path: 'activate-skill',
    group: 'Author',
    summary: 'Let a composition run',
    load: async () => (await import('./activate-skill.ts')).ActivateSkillCommand,
  },
  {
    path: 'versions list',
    group: 'Author',
    summary: 'List the versions of a composition',
    load: async () => (await import('./versions/list.ts')).VersionsListCommand,
  },
  {
    path: 'versions show',
    group: 'Author',
    summary: 'Show the steps of a composition, now or in a version',
    load: async () => (await import('./versions/show.ts')).VersionsShowCommand,
  },
  {
    path: 'versions diff',
    group: 'Author',
    summary: 'Show how the steps of a composition changed',
    load: async () => (await import('./versions/diff.ts')).VersionsDiffCommand,
  },
  {
    path: 'versions rollback',
    group: 'Author',
    summary: 'Give a composition the steps of an earlier version',
    load: async () => (await import('./versions/rollback.ts')).VersionsRollbackCommand,
  },
  {
    path: 'worker',
    group: 'Operate',
    summary: 'Serve runs until told to stop',
    load: async () => (await import('./worker.ts')).WorkerCommand,
  },
  {
    path: 'serve',
    group: 'Operate',
    summary: 'Serve the REST API until told to stop',
    load: async () => (await import('./serve.ts')).ServeCommand,
  },
  {
    path: 'dev',
    group: 'Operate',
    summary: 'Run the local engine here: Temporal, a worker, the API, and a look-out for edited skills',
    load: async () => (await import('./dev.ts')).DevCommand,
  },
  {
    path: 'dev status',
    group: 'Operate',
    summary: 'Show the local engine of this root',
    load: async () => (await import('./dev/status.ts')).DevStatusCommand,
  },
  {
    path: 'dev stop',
    group: 'Operate',
    summary: 'Stop the local engine of this root, or all of them',
    load: async () => (await import('./dev/stop.ts')).DevStopCommand,
  },
  {
    path: 'dev logs',
    group: 'Operate',
    summary: 'Print the last lines of the local engine’s logs',
    load: async () => (await import('./dev/logs.ts')).DevLogsCommand,
  },
  {
    path: 'dev list',
    group: 'Operate',
    summary: 'List your local engines that run, of all roots',
    load: async () => (await import('./dev/list.ts')).DevListCommand,
  },
  {
    path: 'temporal setup',
    group: 'Operate',
    summary: 'Register the search attributes that SkillOS uses on the Temporal namespace',
    load: async () => (await import('./temporal/setup.ts')).TemporalSetupCommand,
  },
  {
    path: 'temporal install',
    group: 'Operate',
    summary: 'Find or fetch the Temporal CLI for the local engine',
    load: async () => (await import('./temporal/install.ts')).TemporalInstallCommand,
  },
  {
    path: 'auth can-i',
    group: 'Operate',
    summary: 'Say whether a caller may run a skill, or do something else',
    load: async () => (await import('./auth/can-i.ts')).AuthCanICommand,
  },
  {
    path: 'audit list',
    group: 'Operate',
    summary: 'List what was decided and changed, and by whom',
    load: async () => (await import('./audit/list.ts')).AuditListCommand,
  },
  {
    path: 'budget',
    group: 'Operate',
    summary: 'Show what the runs of a tenant may still cost',
    load: async () => (await import('./budget.ts')).BudgetCommand,
  },
  {
    path: 'circuit list',
    group: 'Operate',
    summary: 'List the circuits of skills that failed of late',
    load: async () => (await import('./circuit/list.ts')).CircuitListCommand,
  },
  {
    path: 'circuit reset',
    group: 'Operate',
    summary: 'Close the circuit of a skill: forget its failures',
    load: async () => (await import('./circuit/reset.ts')).CircuitResetCommand,
  },
  {
    path: 'metrics',
    group: 'Operate',
    summary: 'Measure the router on golden queries',
    load: async () => (await import('./metrics.ts')).MetricsCommand,
  },
  {
    path: 'explain',
    group: 'Help',
    summary: 'Say what an error code means and what to do about it',
    load: async () => (await import('./explain.ts')).ExplainCommand,
  },
  {
    path: 'help',
    group: 'Help',
    summary: 'List the commands, or say how one is used',
    load: async () => (await import('./help.ts')).HelpCommand,
  },
  {
    path: 'help exit-codes',
    group: 'Help',
    summary: 'List what the exit codes mean',
    load: async () => (await import('./help/exit-codes.ts')).HelpExitCodesCommand,
  },
  {
    path: 'config',
    group: 'Help',
    summary: 'Show every setting, its value and where it comes from',
    load: async () => (await import('./config.ts')).ConfigCommand,
  },
  {
    path: 'completion',
    group: 'Help',
    summary: 'Print the completion script of a shell',
    load: async () => (await import('./completion.ts')).CompletionCommand,
  },
];
