/** What composing needs of the world; adapters fulfil it. */
import type { Composition } from './composition.ts';
import type { CompositionVersion } from './composition-version.ts';
import { SkillosError } from './errors.ts';
import type { SkillId } from './skill-id.ts';
import { manifestSchema } from './skill.ts';

export interface CompositionStore {
  /** Runs `work` while nobody else changes this composition. */
  exclusively<T>(id: SkillId, work: () => Promise<T>): Promise<T>;
  /** Lowest first. Rejects with `state_corrupt` where one does not parse. */
  versions(id: SkillId): Promise<readonly CompositionVersion[]>;
  /** Rejects with `already_exists` where the number is taken. */
  keep(version: CompositionVersion): Promise<void>;
  /** The composition with its manifest, both new. Rejects with `already_exists`, or with `usage` for a text that no manifest takes. */
  create(composition: Composition, about: CompositionTexts): Promise<void>;
  /** Of one that is there; durable when it resolves. */
  replace(composition: Composition): Promise<void>;
}

/** What people, and queries, know it by. */
export interface CompositionTexts {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** Throws `usage` for a text that no manifest takes. */
export function checkTexts(texts: CompositionTexts): void {
  for (const field of ['name', 'description'] as const) {
    const given = texts[field];
    const issue =
      given === undefined ? undefined : manifestSchema.shape[field].safeParse(given).error?.issues[0];
    if (issue !== undefined) throw new SkillosError('usage', `Invalid --${field}: ${issue.message}`);
  }
}
