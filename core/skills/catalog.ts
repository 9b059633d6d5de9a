/** The skills of one root, and the findings of `validate`. */
import type { JsonValue } from '../json.ts';
import type { SkillId } from '../values/skill-id.ts';
import type { SkillManifest } from './manifest.ts';
import type { Composition } from './composition.ts';

export interface SkillEntry {
  readonly id: SkillId;
  readonly manifest: SkillManifest;
  /** Path of the manifest relative to the root, with forward slashes. */
  readonly file: string;
  /** Present if the skill is a composition and has no code. */
  readonly composition?: Composition;
  /** The variant whose fields are in the manifest, see `withVariant`. */
  readonly variant?: string;
}

export interface Catalog {
  readonly skills: ReadonlyMap<SkillId, SkillEntry>;
  readonly findings: readonly Finding[];
  /** Changes with each change of a manifest; caches use it as a key. */
  readonly version: string;
}

/** A result of `validate`. `error`: the skill does not load or cannot run. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** Stable name of the rule, such as `yaml_duplicate_key`. */
  readonly rule: string;
  readonly file: string;
  /** From 1; absent if unknown. */
  readonly line?: number;
  /** Dotted path of the field, if the finding is about a field. */
  readonly field?: string;
  readonly skill?: string;
  readonly message: string;
}

/** Port for the skills of one root; each call sees all earlier edits. */
export interface Catalogs {
  /** Returns all skills and findings. An invalid file is a finding, not a rejection. */
  load(): Promise<Catalog>;
  /** Returns `Catalog.version` without parsing manifests. */
  fingerprint(): Promise<string>;
  /** Reads one skill; undefined if it does not exist or its file is invalid. */
  find(id: SkillId): Promise<SkillEntry | undefined>;
}

/**
 * Edits fields of a manifest, removes fields whose value is undefined, and keeps all other text. Rejects with
 * `manifest_invalid`, without a change to the file, if the edit is not possible.
 */
export type EditManifest = (
  entry: SkillEntry,
  changes: Readonly<Record<string, JsonValue | undefined>>,
) => Promise<void>;
