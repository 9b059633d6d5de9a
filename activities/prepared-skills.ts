/** Stores the skills that runs are prepared with, once for all runs with the same skills. */
import { uncarry } from '../adapters/storage/carrying.ts';
import { catalogsWith, preparedText, readPrepared } from '../core/runs/prepared-skills.ts';
import type { PreparedSkills } from '../core/runs/prepared-skills.ts';
import { runRecords } from '../core/runs/run-records.ts';
import type { Catalogs } from '../core/skills/catalog.ts';
import { TOUCH_AFTER_MS } from '../core/storage/blobs.ts';
import type { Blobs } from '../core/storage/blobs.ts';
import type { Carried } from '../core/values/carried.ts';
import { currentExecution } from './execution.ts';
import type { WorkerPorts } from './ports.ts';

const MAX_KNOWN = 1000;

interface Known {
  readonly skills: Carried;
  /** Unix milliseconds; after `TOUCH_AFTER_MS` the value is put again, as each use has to be recorded. */
  readonly at: number;
}

/** Values that this process has stored, by their text, so that most runs cost no call of the store. */
const known = new WeakMap<Blobs, Map<string, Known>>();

export async function keepSkills({ blobs, now }: WorkerPorts, prepared: PreparedSkills): Promise<Carried> {
  const stored = known.get(blobs) ?? new Map<string, Known>();
  known.set(blobs, stored);
  const text = preparedText(prepared);
  const earlier = stored.get(text);
  const at = now();
  if (earlier !== undefined && at - earlier.at < TOUCH_AFTER_MS) return earlier.skills;
  const bytes = Buffer.from(text);
  const skills = { ref: await blobs.put(bytes), bytes: bytes.length };
  if (stored.size >= MAX_KNOWN) stored.clear();
  stored.set(text, { skills, at });
  return skills;
}

/** The catalog with the skills that the present run was prepared with. */
export async function catalogsOfRun({ catalogs, records, blobs }: WorkerPorts): Promise<Catalogs> {
  const record = await runRecords(records).get(currentExecution().id);
  return catalogsWith(catalogs, record, { uncarry: (carried) => uncarry(carried, blobs) });
}

/** The deployment that a run was prepared from; undefined if it was prepared from a folder. */
export async function deploymentOfRun(
  { records, blobs }: Pick<WorkerPorts, 'records' | 'blobs'>,
  runId: string,
): Promise<string | undefined> {
  const record = await runRecords(records).get(runId);
  if (record === undefined) return undefined;
  return (await readPrepared(record, { uncarry: (carried) => uncarry(carried, blobs) })).deployment;
}
