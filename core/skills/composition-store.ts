/** Port for the storage of compositions. */
import type { Composition } from './composition.ts';
import type { CompositionVersion } from './composition-version.ts';
import { SkillosError } from '../errors/errors.ts';
import type { SkillId } from '../values/skill-id.ts';
import { manifestSchema } from './manifest.ts';

export interface CompositionStore {
  /** Runs `work` under an exclusive lock of the composition. */
  exclusively<T>(id: SkillId, work: () => Promise<T>): Promise<T>;
  /** Versions in ascending order. Rejects with `state_corrupt` if one is damaged. */
  versions(id: SkillId): Promise<readonly CompositionVersion[]>;
  /** Stores a version. Rejects with `already_exists` if its number is stored. */
  keep(version: CompositionVersion): Promise<void>;
  /** Creates composition and manifest. Rejects with `already_exists`, or with `usage` for an invalid text. */
  create(composition: Composition, about: CompositionTexts): Promise<void>;
  /** Replaces an existing composition; durable when it resolves. */
  replace(composition: Composition): Promise<void>;
}

/** Texts of the manifest for people and routing. */
export interface CompositionTexts {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** Throws `usage` if a text is not valid in a manifest. */
export function checkTexts(texts: CompositionTexts): void {
  for (const field of ['name', 'description'] as const) {
    const given = texts[field];
    const issue =
      given === undefined ? undefined : manifestSchema.shape[field].safeParse(given).error?.issues[0];
    if (issue !== undefined) throw new SkillosError('usage', `Invalid --${field}: ${issue.message}`);
  }
}
