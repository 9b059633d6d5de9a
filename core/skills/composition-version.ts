/** Versions of a composition. A stored version never changes. */
import { diffArrays } from 'diff';
import * as z from 'zod';
import {
  compareVersions,
  compositionDigest,
  compositionSchema,
  nextVersion,
  stepTexts,
} from './composition.ts';
import type { Composition } from './composition.ts';
import { SkillosError } from '../errors/errors.ts';

const { id, steps, version } = compositionSchema.shape;

export const versionSchema = z.object({
  id,
  steps,
  version,
  created_at: z.string(),
  created_by: z.string(),
  /** Origin of the version, for people. */
  origin: z.string(),
});

/** The file of one version. */
export type CompositionVersion = z.output<typeof versionSchema>;

/** Sorts in ascending order. */
export function sortVersions(versions: readonly CompositionVersion[]): readonly CompositionVersion[] {
  return [...versions].sort((a, b) => compareVersions(a.version, b.version));
}

/** Returns the version with this number. Throws `unknown_version`. */
export function versionNamed(versions: readonly CompositionVersion[], name: string): CompositionVersion {
  const found = versions.find(({ version }) => version === name);
  if (found !== undefined) return found;
  const known = versions.map(({ version }) => version).join(', ');
  throw new SkillosError(
    'unknown_version',
    `Unknown version ${JSON.stringify(name.slice(0, 80))}: expected one of ${known}`,
  );
}

/**
 * Returns the number under which a hand-edited composition must be stored, or undefined if it is stored already. It is
 * the composition's own number, unless that is stored with another content.
 */
export function unsavedVersion(
  present: Composition,
  kept: readonly CompositionVersion[],
): { readonly version: string } | undefined {
  const same = kept.find(({ version }) => version === present.version);
  if (same === undefined) return { version: present.version };
  if (compositionDigest(same) === compositionDigest(present)) return undefined;
  return { version: nextVersion(kept.map(({ version }) => version)) };
}

/** One line of the difference between two versions. */
export interface StepChange {
  readonly change: 'same' | 'removed' | 'added';
  readonly step: string;
}

export function diffSteps(
  before: Pick<Composition, 'steps'>,
  after: Pick<Composition, 'steps'>,
): readonly StepChange[] {
  return diffArrays([...stepTexts(before.steps)], [...stepTexts(after.steps)]).flatMap(
    ({ added, removed, value }) =>
      value.map((step): StepChange => ({ change: added ? 'added' : removed ? 'removed' : 'same', step })),
  );
}
