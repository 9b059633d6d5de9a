/** Keeps the schemas in manifests equal to those that the code exports. Needs no Temporal. */
import type { EditManifest, SkillEntry } from '../../core/skills/catalog.ts';
import { findSkill } from '../../core/skills/find-skill.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { schemaChanges } from '../../core/skills/exported-schemas.ts';
import type { ExportedSchemas } from '../../core/skills/exported-schemas.ts';
import type { JsonValue } from '../../core/json.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';

export interface SyncPorts extends Pick<ClientPorts, 'catalogs' | 'journal' | 'now'> {
  readonly editManifest: EditManifest;
  /** Loads the code in a skill process. Rejects if it does not compile or load. */
  readonly describe: (entry: SkillEntry) => Promise<ExportedSchemas>;
  /** Returns the first problem of a schema, or undefined. */
  readonly problemOf: (schema: JsonValue) => Promise<string | undefined>;
}

interface SyncRequest {
  /** Default: all skills with code. */
  readonly id: SkillId | undefined;
  /** True to change nothing. */
  readonly isCheck: boolean;
}

/** A manifest that differed from its code, or a skill whose code could not be read. */
export interface SyncedSkill {
  readonly skill: SkillId;
  readonly file: string;
  readonly fields: readonly string[];
  readonly problem?: { readonly code: string; readonly message: string };
}

/** Problems of one skill are items, and do not keep others from being written. Rejects as `authorize` and `findSkill` do. */
export async function syncSchemas(
  ports: SyncPorts,
  actor: Actor,
  { id, isCheck }: SyncRequest,
): Promise<readonly SyncedSkill[]> {
  await authorize(ports, actor, { operation: 'skills:write', ...(id === undefined ? {} : { skill: id }) });
  const { catalogs } = ports;
  const entries =
    id === undefined ? [...(await catalogs.load()).skills.values()] : [await findSkill(catalogs, id)];
  const synced: SyncedSkill[] = [];
  for (const entry of entries.filter(({ composition }) => composition === undefined)) {
    const found = await syncSkill(ports, actor, { entry, isCheck });
    if (found !== undefined) synced.push(found);
  }
  return synced;
}

/** Returns undefined if manifest and code agree. */
async function syncSkill(
  ports: SyncPorts,
  actor: Actor,
  { entry, isCheck }: { readonly entry: SkillEntry; readonly isCheck: boolean },
): Promise<SyncedSkill | undefined> {
  const { id: skill, file, manifest } = entry;
  try {
    const changes = schemaChanges(manifest, await ports.describe(entry));
    const fields = Object.keys(changes);
    if (fields.length === 0) return undefined;
    await refuseInvalid(ports, changes);
    if (manifest.package !== undefined && !isCheck) {
      const message = `The package "${skill}" exports other schemas than its signed manifest, which stays as it is`;
      throw new SkillosError('code_invalid', message);
    }
    if (isCheck) return { skill, file, fields };
    await ports.editManifest(entry, { ...changes });
    await recordAudit(ports, actor, { action: 'skill_synced', skill, after: { ...changes } });
    return { skill, file, fields };
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    const { code, message } = error;
    return { skill, file, fields: [], problem: { code, message } };
  }
}

async function refuseInvalid({ problemOf }: SyncPorts, changes: ExportedSchemas): Promise<void> {
  for (const [field, schema] of Object.entries(changes)) {
    const problem = await problemOf(schema as JsonValue);
    if (problem !== undefined) {
      throw new SkillosError('code_invalid', `The export "${field}" gives no JSON Schema to use: ${problem}`);
    }
  }
}
