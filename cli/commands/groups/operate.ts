/** Commands for who looks after a deployment. */
import type { CommandEntry } from '../../command-entry.ts';

export const OPERATE_COMMANDS: readonly CommandEntry[] = [
  {
    path: 'worker',
    group: 'Operate',
    summary: 'Serve runs until told to stop',
    load: async () => (await import('../worker.ts')).WorkerCommand,
  },
  {
    path: 'serve',
    group: 'Operate',
    summary: 'Serve the REST API until told to stop',
    load: async () => (await import('../serve.ts')).ServeCommand,
  },
  {
    path: 'dev',
    group: 'Operate',
    summary: 'Run the local engine here: Temporal, a worker, the API, and a look-out for edited skills',
    load: async () => (await import('../dev.ts')).DevCommand,
  },
  {
    path: 'dev status',
    group: 'Operate',
    summary: 'Show the local engine of this root',
    load: async () => (await import('../dev/status.ts')).DevStatusCommand,
  },
  {
    path: 'dev stop',
    group: 'Operate',
    summary: 'Stop the local engine of this root, or all of them',
    load: async () => (await import('../dev/stop.ts')).DevStopCommand,
  },
  {
    path: 'dev logs',
    group: 'Operate',
    summary: 'Print the last lines of the local engine’s logs',
    load: async () => (await import('../dev/logs.ts')).DevLogsCommand,
  },
  {
    path: 'dev list',
    group: 'Operate',
    summary: 'List your local engines that run, of all roots',
    load: async () => (await import('../dev/list.ts')).DevListCommand,
  },
  {
    path: 'temporal setup',
    group: 'Operate',
    summary: 'Register the search attributes that SkillOS uses on the Temporal namespace',
    load: async () => (await import('../temporal/setup.ts')).TemporalSetupCommand,
  },
  {
    path: 'temporal install',
    group: 'Operate',
    summary: 'Find or fetch the Temporal CLI for the local engine',
    load: async () => (await import('../temporal/install.ts')).TemporalInstallCommand,
  },
  {
    path: 'auth can-i',
    group: 'Operate',
    summary: 'Say whether a caller may run a skill, or do something else',
    load: async () => (await import('../auth/can-i.ts')).AuthCanICommand,
  },
  {
    path: 'audit list',
    group: 'Operate',
    summary: 'List what was decided and changed, and by whom',
    load: async () => (await import('../audit/list.ts')).AuditListCommand,
  },
  {
    path: 'budget',
    group: 'Operate',
    summary: 'Show what the runs of a tenant may still cost',
    load: async () => (await import('../budget.ts')).BudgetCommand,
  },
  {
    path: 'circuit list',
    group: 'Operate',
    summary: 'List the circuits of skills that failed of late',
    load: async () => (await import('../circuit/list.ts')).CircuitListCommand,
  },
  {
    path: 'circuit reset',
    group: 'Operate',
    summary: 'Close the circuit of a skill: forget its failures',
    load: async () => (await import('../circuit/reset.ts')).CircuitResetCommand,
  },
  {
    path: 'metrics',
    group: 'Operate',
    summary: 'Measure the router on golden queries',
    load: async () => (await import('../metrics.ts')).MetricsCommand,
  },
];
