/** Creates compositions (skills made of other skills) and rolls them back. Needs no Temporal. */
import { checkComposition } from '../../core/skills/compose.ts';
import { compositionDigest, compositionSteps, isActive, nextVersion } from '../../core/skills/composition.ts';
import type { Composition, CompositionSteps } from '../../core/skills/composition.ts';
import { checkTexts } from '../../core/skills/composition-store.ts';
import type { CompositionStore, CompositionTexts } from '../../core/skills/composition-store.ts';
import { unsavedVersion, versionNamed } from '../../core/skills/composition-version.ts';
import type { CompositionVersion } from '../../core/skills/composition-version.ts';
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { findSkill } from '../../core/skills/find-skill.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RequestedStep, Plan } from '../../core/plans/plan.ts';
import type { Catalogs, EditManifest } from '../../core/skills/catalog.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';

export interface CompositionPorts extends Pick<ClientPorts, 'catalogs' | 'journal' | 'now'> {
  readonly compositions: CompositionStore;
  readonly editManifest: EditManifest;
}

/** A catalog entry whose skill is a composition. */
export type ComposedEntry = SkillEntry & { readonly composition: Composition };

interface Composing extends CompositionTexts {
  readonly id: SkillId;
  readonly steps: Plan<RequestedStep>;
}

/**
 * Creates a new version, which is not active yet. Rejects with `already_exists` if the id is a skill with code of its own,
 * with `unknown_skill` or `composition_invalid` for steps that cannot run, and as `authorize` and `findSkill` do.
 */
export async function composeSkill(
  ports: CompositionPorts,
  actor: Actor,
  { id, steps, name, description }: Composing,
): Promise<Composition> {
  await authorize(ports, actor, { operation: 'skills:write', skill: id });
  checkTexts({ name, description });
  return ports.compositions.exclusively(id, async () => {
    const entry = await presentEntry(ports.catalogs, id);
    const content = { id, steps: compositionSteps(steps), origin: 'composed' };
    const made = await putNext(ports, actor, { entry, content, texts: { name, description } });
    await recordAudit(ports, actor, { action: 'composition_created', skill: id, ...change(entry, made) });
    return made;
  });
}

/**
 * Creates a new version with the content of `version`, by default with the latest different content; it is not active yet.
 * Rejects with `unknown_version`, and as `authorize` and `findComposition` do.
 */
export async function rollbackComposition(
  ports: CompositionPorts,
  actor: Actor,
  { id, version }: { readonly id: SkillId; readonly version: string | undefined },
): Promise<Composition> {
  await authorize(ports, actor, { operation: 'skills:write', skill: id });
  return ports.compositions.exclusively(id, async () => {
    const entry = await findComposition(ports.catalogs, id);
    const kept = await ports.compositions.versions(id);
    const old = version === undefined ? latestOther(entry.composition, kept) : versionNamed(kept, version);
    const content = { id, steps: old.steps, origin: `rolled back to ${old.version}` };
    const made = await putNext(ports, actor, { entry, content, texts: {} });
    await recordAudit(ports, actor, { action: 'composition_rolled_back', skill: id, ...change(entry, made) });
    return made;
  });
}

/** Rejects with `unknown_composition` for a skill with code of its own, or as `findSkill` does. */
export async function findComposition(catalogs: Catalogs, id: SkillId): Promise<ComposedEntry> {
  const entry = await findSkill(catalogs, id);
  const { composition } = entry;
  if (composition !== undefined) return { ...entry, composition };
  throw new SkillosError('unknown_composition', `Skill "${id}" has its own code: it is not a composition`);
}

async function presentEntry(catalogs: Catalogs, id: SkillId): Promise<ComposedEntry | undefined> {
  try {
    return await findComposition(catalogs, id);
  } catch (error) {
    if (isSkillosError(error, 'unknown_skill')) return undefined;
    if (!isSkillosError(error, 'unknown_composition')) throw error;
    throw new SkillosError('already_exists', `Skill "${id}" exists already, with code of its own`);
  }
}

interface Next {
  readonly entry: ComposedEntry | undefined;
  readonly content: { readonly id: SkillId; readonly steps: CompositionSteps; readonly origin: string };
  readonly texts: CompositionTexts;
}

/** Writes the version before the present content, so that the content that runs is always a saved version. */
async function putNext(
  ports: CompositionPorts,
  actor: Actor,
  { entry, content, texts }: Next,
): Promise<Composition> {
  const { id, steps, origin } = content;
  const { catalogs, compositions } = ports;
  const made = {
    created_at: new Date(ports.now()).toISOString(),
    created_by: actor.rights.principal.subject,
  };
  const kept = await compositions.versions(id);
  const hand = entry && unsavedVersion(entry.composition, kept);
  const numbers = [...kept, ...(hand === undefined ? [] : [hand])].map(({ version }) => version);
  const next: Composition = { id, version: nextVersion(numbers), active: false, steps };
  checkComposition(next, (await catalogs.load()).skills);
  if (entry !== undefined && hand !== undefined) {
    await compositions.keep({
      ...made,
      id,
      steps: entry.composition.steps,
      ...hand,
      origin: 'edited by hand',
    });
  }
  await compositions.keep({ ...made, id, steps, version: next.version, origin });
  if (entry === undefined) {
    await compositions.create(next, texts);
    return next;
  }
  await compositions.replace(next);
  const { name, description } = texts;
  await ports.editManifest(entry, {
    version: next.version,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  });
  return next;
}

function latestOther(present: Composition, kept: readonly CompositionVersion[]): CompositionVersion {
  const digest = compositionDigest(present);
  const other = kept.findLast((version) => compositionDigest(version) !== digest);
  if (other !== undefined) return other;
  throw new SkillosError('unknown_version', `Composition "${present.id}" has no version with other steps`);
}

/** Fields `before` and `after` of the audit entry. */
function change(
  before: ComposedEntry | undefined,
  after: Composition,
): { readonly before?: JsonObject; readonly after: JsonObject } {
  return {
    ...(before === undefined ? {} : { before: summary(before.composition) }),
    after: summary(after),
  };
}

function summary(composition: Composition): JsonObject {
  const { version, steps } = composition;
  return { version, active: isActive(composition), steps };
}
