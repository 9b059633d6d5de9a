/** The skills of a root for one caller: listing, showing, and taking them out of use. Needs no Temporal. */
import type { SkillEntry } from '../core/catalog.ts';
import { checkReplacement } from '../core/deprecation.ts';
import { SkillosError } from '../core/errors.ts';
import { findSkill } from '../core/find-skill.ts';
import type { JsonObject } from '../core/json.ts';
import { mayRun } from '../core/permission-policy.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { Catalogs, EditManifest } from '../core/ports.ts';
import type { SkillId } from '../core/skill-id.ts';
import { permit, recordAct } from './actor.ts';
import type { Actor } from './actor.ts';
import type { ClientPorts } from './ports.ts';
import { mayRunWhole } from './run-rights.ts';

interface SkillFilter {
  /** Any of them; none given: all. */
  readonly tags: readonly string[];
  readonly withDeprecated: boolean;
}

/** Those the caller may run, by id; and how many files do not load. */
export async function listSkills(
  catalogs: Catalogs,
  rights: Rights,
  { tags, withDeprecated }: SkillFilter,
): Promise<{ readonly items: readonly SkillEntry[]; readonly broken: number }> {
  const { skills, findings } = await catalogs.load();
  const asked = [...skills.values()]
    .filter(({ manifest }) => withDeprecated || !manifest.deprecated)
    .filter(({ manifest }) => tags.length === 0 || tags.some((tag) => manifest.tags.includes(tag)))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const rulings = await Promise.all(asked.map((entry) => mayRunWhole(catalogs, rights, entry)));
  const items = asked.filter((_, index) => rulings[index]?.isAllowed);
  const broken = new Set(findings.filter(({ severity }) => severity === 'error').map(({ file }) => file));
  return { items, broken: broken.size };
}

/** A skill that the caller may not run is as unknown as none. Rejects as `findSkill` does. */
export async function showSkill(catalogs: Catalogs, rights: Rights, id: SkillId): Promise<SkillEntry> {
  const entry = await findSkill(catalogs, id, (other) => mayRun(rights, other).isAllowed);
  if ((await mayRunWhole(catalogs, rights, entry)).isAllowed) return entry;
  throw new SkillosError('unknown_skill', `Unknown skill "${id}"`);
}

export interface ManifestPorts extends Pick<ClientPorts, 'catalogs' | 'journal' | 'now'> {
  readonly editManifest: EditManifest;
}

interface Deprecation {
  readonly id: SkillId;
  readonly reason?: string | undefined;
  readonly replacement?: SkillId | undefined;
}

/** Rejects with `replacement_invalid`, or as `permit`, `findSkill` and `editManifest` do. */
export async function deprecateSkill(
  ports: ManifestPorts,
  actor: Actor,
  { id, reason, replacement }: Deprecation,
): Promise<DeprecationDocument> {
  await permit(ports, actor, { operation: 'skills:write', skill: id });
  const { catalogs } = ports;
  const entry = await findSkill(catalogs, id);
  if (replacement !== undefined) checkReplacement(id, replacement, (await catalogs.load()).skills);
  const after = {
    deprecated: true,
    ...(reason ? { deprecation_reason: reason } : {}),
    ...(replacement === undefined ? {} : { replacement_id: replacement }),
  };
  await ports.editManifest(entry, after);
  await recordAct(ports, actor, {
    action: 'skill_deprecated',
    skill: id,
    before: deprecationOf(entry),
    after,
  });
  return deprecationDocument(entry, true);
}

/** Touches nothing where the skill is in use. Rejects as `permit`, `findSkill` and `editManifest` do. */
export async function undeprecateSkill(
  ports: ManifestPorts,
  actor: Actor,
  id: SkillId,
): Promise<DeprecationDocument> {
  await permit(ports, actor, { operation: 'skills:write', skill: id });
  const entry = await findSkill(ports.catalogs, id);
  const { deprecated, deprecation_reason: reason, replacement_id: replacement } = entry.manifest;
  if (deprecated || reason || replacement) {
    await ports.editManifest(entry, {
      deprecated: false,
      deprecation_reason: undefined,
      replacement_id: undefined,
    });
    const after = { deprecated: false };
    await recordAct(ports, actor, {
      action: 'skill_undeprecated',
      skill: id,
      before: deprecationOf(entry),
      after,
    });
  }
  return deprecationDocument(entry, false);
}

type DeprecationDocument = JsonObject & { readonly schema: string };

function deprecationDocument({ id, file }: SkillEntry, deprecated: boolean): DeprecationDocument {
  return { schema: 'skillos.deprecation/v1', skill: id, deprecated, file };
}

function deprecationOf({ manifest }: SkillEntry): JsonObject {
  const { deprecated, deprecation_reason: reason, replacement_id: replacement } = manifest;
  return {
    deprecated,
    ...(reason ? { deprecation_reason: reason } : {}),
    ...(replacement ? { replacement_id: replacement } : {}),
  };
}
