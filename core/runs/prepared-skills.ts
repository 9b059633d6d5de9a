/** The skills that a run was prepared with. They are kept, so that the run can be decided and repeated when they are gone. */
import type { JsonValue } from '../json.ts';
import type { Catalogs, SkillEntry } from '../skills/catalog.ts';
import type { Carried } from '../values/carried.ts';
import type { SkillId } from '../values/skill-id.ts';
import type { RunRecord } from './run.ts';

export interface PreparedSkills {
  /** Skills of the plan, its compositions, and rollback skills. */
  readonly entries: readonly SkillEntry[];
  /** Content hashes of their frozen code. */
  readonly hashes: ReadonlyMap<SkillId, string>;
  /** Id of the deployment that they are from; absent for a folder that people edit. */
  readonly deployment?: string | undefined;
}

/** Loads values that are stored by reference. */
export interface StoredValues {
  uncarry(carried: Carried): Promise<JsonValue>;
}

interface Stored {
  readonly entries: readonly SkillEntry[];
  readonly hashes: readonly (readonly [SkillId, string])[];
  readonly deployment?: string;
}

/** Returns the JSON text to store; it is the same for equal skills in any order. No run needs the cases of an eval. */
export function preparedText({ entries, hashes, deployment }: PreparedSkills): string {
  const kept = entries.map(({ manifest: { eval: _eval, ...manifest }, ...entry }) => ({
    ...entry,
    manifest,
  }));
  const stored: Stored = {
    entries: kept.sort(byId),
    hashes: [...hashes].sort(byName),
    ...(deployment !== undefined && { deployment }),
  };
  return JSON.stringify(stored);
}

/** Runs that were prepared before SkillOS kept their skills have hashes of their steps alone. */
export async function readPrepared(
  { skills, steps }: Pick<RunRecord, 'skills' | 'steps'>,
  values: StoredValues,
): Promise<PreparedSkills> {
  const ofSteps = steps.map(({ skill, hash }) => [skill, hash] as const);
  if (skills === undefined) return { entries: [], hashes: new Map(ofSteps) };
  const { entries, hashes, deployment } = (await values.uncarry(skills)) as unknown as Stored; // only SkillOS writes it
  return { entries, hashes: new Map([...hashes, ...ofSteps]), deployment };
}

/** Finds skills in the catalog, and those that it no longer has among the skills that the run was prepared with. */
export function catalogsWith(
  catalogs: Catalogs,
  record: Pick<RunRecord, 'skills' | 'steps'> | undefined,
  values: StoredValues,
): Catalogs {
  if (record?.skills === undefined) return catalogs;
  let prepared: Promise<PreparedSkills> | undefined;
  return {
    ...catalogs,
    find: async (id) => {
      const present = await catalogs.find(id);
      if (present !== undefined) return present;
      prepared ??= readPrepared(record, values);
      return (await prepared).entries.find((entry) => entry.id === id);
    },
  };
}

function byId(left: SkillEntry, right: SkillEntry): number {
  return left.id < right.id ? -1 : 1;
}

function byName([left]: readonly [SkillId, string], [right]: readonly [SkillId, string]): number {
  return left < right ? -1 : 1;
}
