/** All skills of one root, and what is wrong with the files that are not skills. */
import type { SkillId } from './skill-id.ts';
import type { SkillManifest } from './skill.ts';
import type { Composition } from './composition.ts';

export interface SkillEntry {
  readonly id: SkillId;
  readonly manifest: SkillManifest;
  /** Path of the manifest below the root, with forward slashes. */
  readonly file: string;
  /** What it is made of, where it has no code of its own. */
  readonly composition?: Composition;
}

export interface Catalog {
  readonly skills: ReadonlyMap<SkillId, SkillEntry>;
  readonly findings: readonly Finding[];
  /** Changes whenever any manifest does; caches are keyed by it. */
  readonly version: string;
}

/** One result of `validate`. An error means that the skill does not load, or cannot run as it is written. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** Stable name of the rule, such as `yaml_duplicate_key` or `unknown_field`. */
  readonly rule: string;
  readonly file: string;
  /** From 1, where it is known. */
  readonly line?: number;
  /** Dotted path of the field, where one is to blame. */
  readonly field?: string;
  readonly skill?: string;
  readonly message: string;
}
