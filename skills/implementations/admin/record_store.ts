/**
 * The records of the sample: a folder with one JSON file a record. One file a record needs no lock: removing and
 * creating a file are atomic, and doing either twice does no harm.
 */
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from 'skillos';
import { hasCode, readAll, readJson, replaceJson, sampleFolder } from '../storage/json_files.ts';
import seed from './data/records.json' with { type: 'json' };

export type StoredRecord = (typeof seed)[number];

/** What one deletion removed; written before the first file goes, so that a second attempt finishes the first. */
export interface Deletion {
  readonly deleted_at: string;
  readonly selection: string;
  readonly deleted: readonly StoredRecord[];
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const RECORD_ID = /^r-\d{1,9}$/;
/** Everything else in a folder is a draft that a stopped process left behind. */
const RECORD_FILE = /^r-\d{1,9}\.json$/;
const DELETION_FILE = /^[0-9a-f]{64}\.json$/;

export class RecordStore {
  readonly name: string;
  readonly #folder: string;

  /** Only a name comes from outside, never a path: a caller must not choose which files of the host are touched. */
  constructor(name = 'default', base = sampleFolder('records')) {
    if (!NAME.test(name))
      throw new PermanentError(`Expected the name of a store such as "default", got "${name}"`);
    this.name = name;
    this.#folder = join(base, name);
  }

  /** In order of id; a store that was never written to holds the bundled records. */
  async list(): Promise<readonly StoredRecord[]> {
    const records = (await readAll<StoredRecord>(this.#path('live'), RECORD_FILE)) ?? seed;
    return [...records].sort((a, b) => Number(a.id.slice(2)) - Number(b.id.slice(2)));
  }

  /** Removes the records that `choose` returns. The same key again completes the same deletion and selects no other records. */
  async delete(key: string, choose: (records: readonly StoredRecord[]) => Deletion): Promise<Deletion> {
    await this.#create();
    const journal = this.#path('deletions', `${createHash('sha256').update(key).digest('hex')}.json`);
    const begun = await readJson<Deletion>(journal);
    const deletion = begun ?? choose(await this.list());
    if (!begun) await replaceJson(journal, deletion);
    await Promise.all(deletion.deleted.map(({ id }) => rm(this.#recordPath(id), { force: true })));
    return deletion;
  }

  /** Puts records back and returns those that were missing; one that exists is left as it is. */
  async restore(records: readonly StoredRecord[]): Promise<readonly StoredRecord[]> {
    await this.#create();
    const present = new Set((await this.list()).map(({ id }) => id));
    const missing = records.filter(({ id }) => !present.has(id));
    await Promise.all(missing.map((record) => replaceJson(this.#recordPath(record.id), record)));
    return missing;
  }

  async latestDeletion(): Promise<Deletion | undefined> {
    const deletions = (await readAll<Deletion>(this.#path('deletions'), DELETION_FILE)) ?? [];
    return deletions
      .filter(({ deleted }) => deleted.length > 0)
      .sort((a, b) => a.deleted_at.localeCompare(b.deleted_at))
      .at(-1);
  }

  /** Fills a new store in a folder of its own and renames it: there is never half a store, whoever comes second. */
  async #create(): Promise<void> {
    if (await exists(this.#folder)) return;
    const draft = `${this.#folder}.${randomUUID()}`;
    await mkdir(join(draft, 'live'), { recursive: true, mode: 0o700 });
    await mkdir(join(draft, 'deletions'), { mode: 0o700 });
    await Promise.all(seed.map((record) => replaceJson(join(draft, 'live', `${record.id}.json`), record)));
    try {
      await rename(draft, this.#folder);
    } catch (error) {
      await rm(draft, { recursive: true });
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    }
  }

  #recordPath(id: string): string {
    if (!RECORD_ID.test(id))
      throw new PermanentError(`Expected the id of a record such as "r-101", got "${id}"`);
    return this.#path('live', `${id}.json`);
  }

  #path(...parts: readonly string[]): string {
    return join(this.#folder, ...parts);
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await access(folder);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
