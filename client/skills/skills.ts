/** Lists, shows and deprecates the skills that a caller may run. Needs no Temporal. */
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { checkReplacement } from '../../core/skills/deprecation.ts';
import { isAboutEval } from '../../core/skills/validation.ts';
import { findSkill, unknownSkill } from '../../core/skills/find-skill.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { Catalogs, EditManifest } from '../../core/skills/catalog.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import { mayRunWhole } from './run-rights.ts';

interface SkillFilter {
  /** Skills with any of these tags; an empty list selects all. */
  readonly tags: readonly string[];
  readonly withDeprecated: boolean;
}

/** Lists skills that the caller may run, sorted by id; `broken` counts manifest files that do not load. */
export async function listSkills(
  catalogs: Catalogs,
  rights: Rights,
  { tags, withDeprecated }: SkillFilter,
): Promise<{ readonly items: readonly SkillEntry[]; readonly broken: number }> {
  const { skills, findings } = await catalogs.load();
  const selected = [...skills.values()]
    .filter(({ manifest }) => withDeprecated || !manifest.deprecated)
    .filter(({ manifest }) => tags.length === 0 || tags.some((tag) => manifest.tags.includes(tag)))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const rulings = await Promise.all(selected.map((entry) => mayRunWhole(catalogs, rights, entry)));
  const items = selected.filter((_, index) => rulings[index]?.isAllowed);
  const errors = findings.filter((finding) => finding.severity === 'error' && !isAboutEval(finding));
  const broken = new Set(errors.map(({ file }) => file));
  return { items, broken: broken.size };
}

/** Rejects with `unknown_skill` also for a skill that the caller may not run, so that its existence stays hidden. */
export async function showSkill(catalogs: Catalogs, rights: Rights, id: SkillId): Promise<SkillEntry> {
  const isShown = async (entry: SkillEntry) => (await mayRunWhole(catalogs, rights, entry)).isAllowed;
  const entry = await findSkill(catalogs, id, isShown);
  if (await isShown(entry)) return entry;
  const { skills } = await catalogs.load();
  throw await unknownSkill([...skills.values()], id, isShown);
}

export interface ManifestPorts extends Pick<ClientPorts, 'catalogs' | 'journal' | 'now'> {
  readonly editManifest: EditManifest;
}

interface Deprecation {
  readonly id: SkillId;
  readonly reason?: string | undefined;
  readonly replacement?: SkillId | undefined;
}

/** Rejects with `replacement_invalid`, or as `authorize`, `findSkill` and `editManifest` do. */
export async function deprecateSkill(
  ports: ManifestPorts,
  actor: Actor,
  { id, reason, replacement }: Deprecation,
): Promise<DeprecationDocument> {
  await authorize(ports, actor, { operation: 'skills:write', skill: id });
  const { catalogs } = ports;
  const entry = await findSkill(catalogs, id);
  if (replacement !== undefined) checkReplacement(id, replacement, (await catalogs.load()).skills);
  const after = {
    deprecated: true,
    ...(reason ? { deprecation_reason: reason } : {}),
    ...(replacement === undefined ? {} : { replacement_id: replacement }),
  };
  await ports.editManifest(entry, after);
  await recordAudit(ports, actor, {
    action: 'skill_deprecated',
    skill: id,
    before: deprecationOf(entry),
    after,
  });
  return deprecationDocument(entry, true);
}

/** Changes nothing if the skill is not deprecated. Rejects as `authorize`, `findSkill` and `editManifest` do. */
export async function undeprecateSkill(
  ports: ManifestPorts,
  actor: Actor,
  id: SkillId,
): Promise<DeprecationDocument> {
  await authorize(ports, actor, { operation: 'skills:write', skill: id });
  const entry = await findSkill(ports.catalogs, id);
  const { deprecated, deprecation_reason: reason, replacement_id: replacement } = entry.manifest;
  if (deprecated || reason || replacement) {
    await ports.editManifest(entry, {
      deprecated: false,
      deprecation_reason: undefined,
      replacement_id: undefined,
    });
    const after = { deprecated: false };
    await recordAudit(ports, actor, {
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
