/** Reading the versions of a composition. */
import { compositionDigest, isActive } from '../core/composition.ts';
import type { Composition } from '../core/composition.ts';
import { diffSteps, unkept, versionNamed } from '../core/composition-version.ts';
import type { CompositionVersion, StepChange } from '../core/composition-version.ts';
import type { Rights } from '../core/permission-policy.ts';
import { SkillosError } from '../core/errors.ts';
import type { SkillId } from '../core/skill-id.ts';
import { findComposition } from './compositions.ts';
import type { CompositionPorts } from './compositions.ts';
import { showSkill } from './skills.ts';

type ReadPorts = Pick<CompositionPorts, 'catalogs' | 'compositions'>;

type ListedVersion = CompositionVersion & { readonly state: 'active' | 'current' | '' };

interface History {
  readonly present: Composition;
  readonly kept: readonly CompositionVersion[];
}

/** Lowest first; `handEdited` where the present content is none of them. */
export async function listVersions(
  ports: ReadPorts,
  rights: Rights,
  id: SkillId,
): Promise<{ readonly items: readonly ListedVersion[]; readonly handEdited: boolean }> {
  const { present, kept } = await readHistory(ports, rights, id);
  const handEdited = unkept(present, kept) !== undefined;
  const state = isActive(present) ? 'active' : 'current';
  return {
    items: kept.map((version): ListedVersion =>
      Object.assign({}, version, {
        state: !handEdited && version.version === present.version ? state : '',
      } as const),
    ),
    handEdited,
  };
}

/** The present content where no version is named. Rejects with `unknown_version`. */
export async function showVersion(
  ports: ReadPorts,
  rights: Rights,
  { id, version }: { readonly id: SkillId; readonly version: string | undefined },
): Promise<{ readonly shown: Composition | CompositionVersion; readonly active: boolean }> {
  const { present, kept } = await readHistory(ports, rights, id);
  const shown = version === undefined ? present : versionNamed(kept, version);
  const isPresent =
    shown.version === present.version && compositionDigest(shown) === compositionDigest(present);
  return { shown, active: isPresent && isActive(present) };
}

export interface VersionDiff {
  readonly from: string;
  readonly to: string;
  readonly changes: readonly StepChange[];
}

/** From one version to another; to the present content where the second is not named, from the one before it. */
export async function diffVersions(
  ports: ReadPorts,
  rights: Rights,
  {
    id,
    from,
    to,
  }: { readonly id: SkillId; readonly from: string | undefined; readonly to: string | undefined },
): Promise<VersionDiff> {
  const { present, kept } = await readHistory(ports, rights, id);
  const after = to === undefined ? present : versionNamed(kept, to);
  const before =
    from === undefined ? kept.findLast((each) => each.version !== after.version) : versionNamed(kept, from);
  if (before === undefined) {
    throw new SkillosError('unknown_version', `Composition "${id}" has one version only: ${after.version}`);
  }
  return { from: before.version, to: after.version, changes: diffSteps(before, after) };
}

/** A composition that the caller may not run is as unknown as none. */
async function readHistory(ports: ReadPorts, rights: Rights, id: SkillId): Promise<History> {
  await showSkill(ports.catalogs, rights, id);
  const entry = await findComposition(ports.catalogs, id);
  return { present: entry.composition, kept: await ports.compositions.versions(id) };
}
