/** Reads the versions of a composition. Needs no Temporal. */
import { compositionDigest, isActive } from '../../core/skills/composition.ts';
import type { Composition } from '../../core/skills/composition.ts';
import { diffSteps, unsavedVersion, versionNamed } from '../../core/skills/composition-version.ts';
import type { CompositionVersion, StepChange } from '../../core/skills/composition-version.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { findComposition } from './compositions.ts';
import type { CompositionPorts } from './compositions.ts';
import { showSkill } from '../skills/skills.ts';

type ReadPorts = Pick<CompositionPorts, 'catalogs' | 'compositions'>;

type ListedVersion = CompositionVersion & { readonly state: 'active' | 'current' | '' };

interface History {
  readonly present: Composition;
  readonly kept: readonly CompositionVersion[];
}

/** Lists versions, lowest first; `handEdited` is true if the present content equals none of them. */
export async function listVersions(
  ports: ReadPorts,
  rights: Rights,
  id: SkillId,
): Promise<{ readonly items: readonly ListedVersion[]; readonly handEdited: boolean }> {
  const { present, kept } = await readHistory(ports, rights, id);
  const handEdited = unsavedVersion(present, kept) !== undefined;
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

/** Resolves to the named version, by default the present content. Rejects with `unknown_version`. */
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

/** Compares two versions; `to` defaults to the present content, `from` to the version before `to`. */
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

/** Rejects with `unknown_skill` for a composition that the caller may not run, so that its existence stays hidden. */
async function readHistory(ports: ReadPorts, rights: Rights, id: SkillId): Promise<History> {
  await showSkill(ports.catalogs, rights, id);
  const entry = await findComposition(ports.catalogs, id);
  return { present: entry.composition, kept: await ports.compositions.versions(id) };
}
