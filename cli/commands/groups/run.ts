/** Commands that run skills, and those that look after runs. */
import type { CommandEntry } from '../../command-entry.ts';

export const RUN_COMMANDS: readonly CommandEntry[] = [
  {
    path: 'run',
    group: 'Run',
    summary: 'Route a query to a skill, and run it with --execute',
    load: async () => (await import('../run.ts')).RunCommand,
  },
  {
    path: 'run-skill',
    group: 'Run',
    summary: 'Run one skill by its id',
    load: async () => (await import('../run-skill.ts')).RunSkillCommand,
  },
  {
    path: 'pipeline run',
    group: 'Run',
    summary: 'Run skills one after another, and some of them at once',
    load: async () => (await import('../pipeline/run.ts')).PipelineRunCommand,
  },
  {
    path: 'runs list',
    group: 'Run',
    summary: 'List runs, newest first',
    load: async () => (await import('../runs/list.ts')).RunsListCommand,
  },
  {
    path: 'runs show',
    group: 'Run',
    summary: 'Show one run',
    load: async () => (await import('../runs/show.ts')).RunsShowCommand,
  },
  {
    path: 'why',
    group: 'Run',
    summary: 'Say why a run stands where it stands, and what helps',
    load: async () => (await import('../why.ts')).WhyCommand,
  },
  {
    path: 'debug',
    group: 'Run',
    summary: 'Show where a run is paused, and tell it how to go on',
    load: async () => (await import('../debug.ts')).DebugCommand,
  },
  {
    path: 'runs rerun',
    group: 'Run',
    summary: 'Repeat a run, all of it or from a step on; or many runs',
    load: async () => (await import('../runs/rerun.ts')).RunsRerunCommand,
  },
  {
    path: 'runs trace',
    group: 'Run',
    summary: 'Show what a run did: its steps, what went in and out, how often and how long',
    load: async () => (await import('../runs/trace.ts')).RunsTraceCommand,
  },
  {
    path: 'runs diff',
    group: 'Run',
    summary: 'Hold two runs side by side',
    load: async () => (await import('../runs/diff.ts')).RunsDiffCommand,
  },
  {
    path: 'runs watch',
    group: 'Run',
    summary: 'Follow a run to its end',
    load: async () => (await import('../runs/watch.ts')).RunsWatchCommand,
  },
  {
    path: 'runs logs',
    group: 'Run',
    summary: 'Print what the skills of a run wrote',
    load: async () => (await import('../runs/logs.ts')).RunsLogsCommand,
  },
  {
    path: 'runs cancel',
    group: 'Run',
    summary: 'Cancel a run',
    load: async () => (await import('../runs/cancel.ts')).RunsCancelCommand,
  },
  {
    path: 'approvals list',
    group: 'Run',
    summary: 'List the runs that wait for people',
    load: async () => (await import('../approvals/list.ts')).ApprovalsListCommand,
  },
  {
    path: 'approvals show',
    group: 'Run',
    summary: 'Show what a run waits for: plan, input, side effects, cost, who asks',
    load: async () => (await import('../approvals/show.ts')).ApprovalsShowCommand,
  },
  {
    path: 'approvals approve',
    group: 'Run',
    summary: 'Approve a run that waits',
    load: async () => (await import('../approvals/approve.ts')).ApprovalsApproveCommand,
  },
  {
    path: 'approvals deny',
    group: 'Run',
    summary: 'Deny a run that waits',
    load: async () => (await import('../approvals/deny.ts')).ApprovalsDenyCommand,
  },
  {
    path: 'approve',
    group: 'Run',
    summary: 'The same as approvals approve',
    load: async () => (await import('../approve.ts')).ApproveCommand,
  },
  {
    path: 'deny',
    group: 'Run',
    summary: 'The same as approvals deny',
    load: async () => (await import('../deny.ts')).DenyCommand,
  },
];
