/** Commands for who writes skills. */
import type { CommandEntry } from '../../command-entry.ts';

export const AUTHOR_COMMANDS: readonly CommandEntry[] = [
  {
    path: 'init',
    group: 'Author',
    summary: 'Make a new skills root with one example skill',
    load: async () => (await import('../init.ts')).InitCommand,
  },
  {
    path: 'add-skill',
    group: 'Author',
    summary: 'Create a skill: manifest, implementation and test',
    load: async () => (await import('../add-skill.ts')).AddSkillCommand,
  },
  {
    path: 'validate',
    group: 'Author',
    summary: 'List what is wrong with the skills and policies of a root',
    load: async () => (await import('../validate.ts')).ValidateCommand,
  },
  {
    path: 'skills list',
    group: 'Author',
    summary: 'List the skills of a root',
    load: async () => (await import('../skills/list.ts')).SkillsListCommand,
  },
  {
    path: 'skills show',
    group: 'Author',
    summary: 'Show one skill: what it takes, and how it runs',
    load: async () => (await import('../skills/show.ts')).SkillsShowCommand,
  },
  {
    path: 'deprecate-skill',
    group: 'Author',
    summary: 'Mark a skill as deprecated',
    load: async () => (await import('../deprecate-skill.ts')).DeprecateSkillCommand,
  },
  {
    path: 'undeprecate-skill',
    group: 'Author',
    summary: 'Take back the deprecation of a skill',
    load: async () => (await import('../undeprecate-skill.ts')).UndeprecateSkillCommand,
  },
  {
    path: 'compose-skill',
    group: 'Author',
    summary: 'Make a skill of skills',
    load: async () => (await import('../compose-skill.ts')).ComposeSkillCommand,
  },
  {
    path: 'test',
    group: 'Author',
    summary: 'Test a skill or a composition, offline',
    load: async () => (await import('../test.ts')).TestCommand,
  },
  {
    path: 'record',
    group: 'Author',
    summary: 'Turn a run into a test of its skill',
    load: async () => (await import('../record.ts')).RecordCommand,
  },
  {
    path: 'activate-skill',
    group: 'Author',
    summary: 'Let a composition run',
    load: async () => (await import('../activate-skill.ts')).ActivateSkillCommand,
  },
  {
    path: 'versions list',
    group: 'Author',
    summary: 'List the versions of a composition',
    load: async () => (await import('../versions/list.ts')).VersionsListCommand,
  },
  {
    path: 'versions show',
    group: 'Author',
    summary: 'Show the steps of a composition, now or in a version',
    load: async () => (await import('../versions/show.ts')).VersionsShowCommand,
  },
  {
    path: 'versions diff',
    group: 'Author',
    summary: 'Show how the steps of a composition changed',
    load: async () => (await import('../versions/diff.ts')).VersionsDiffCommand,
  },
  {
    path: 'versions rollback',
    group: 'Author',
    summary: 'Give a composition the steps of an earlier version',
    load: async () => (await import('../versions/rollback.ts')).VersionsRollbackCommand,
  },
];
