/** Bundles in the storage that all hosts share; the folder of a host is a cache of them. */
import { Buffer } from 'node:buffer';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { BUNDLES_KIND } from '../../core/runs/skill-host.ts';
import type { SharedBundle, SkillCode } from '../../core/runs/skill-host.ts';
import { TOUCH_AFTER_MS } from '../../core/storage/blobs.ts';
import type { Blobs } from '../../core/storage/blobs.ts';
import type { Records } from '../../core/storage/records.ts';
import { isoTime, msOf } from '../../core/values/iso-time.ts';
import { contentHash, loadBundle, saveBundle, useBundle } from './bundle-store.ts';
import type { BundleMeta } from './bundle-store.ts';

export interface SharedBundles {
  /**
   * Stores a bundle of the host's folder, and records its use, so that `storage gc` keeps it. Rejects with `code_invalid` if it is
   * larger than 10 MiB.
   */
  readonly publish: (hash: string) => Promise<void>;
  /**
   * Puts a bundle into the host's folder, unless it is there. Rejects with `code_unavailable` if the storage does not hold it, and
   * with `code_tampered` if what it holds has another hash.
   */
  readonly fetch: (hash: string) => Promise<void>;
  /** Resolves to the hashes of which the storage has no code. Reads none, so that damaged code is found by `fetch` alone. */
  readonly missing: (hashes: readonly string[]) => Promise<readonly string[]>;
}

type Stored = BundleMeta & JsonObject & SharedBundle;

const MAX_BYTES = 10 * 1024 * 1024;
/** Less than the connections of a process to Postgres. */
const READ_AT_ONCE = 8;

export function openSharedBundles(
  { records, blobs }: { readonly records: Records; readonly blobs: Blobs },
  storeDir: string,
): SharedBundles {
  /** When this process last published a bundle, in Unix milliseconds. */
  const published = new Map<string, number>();

  /** Stores also what the storage had and has lost, or what was changed there: that is how it is repaired. */
  async function publish(hash: string): Promise<void> {
    const now = Date.now();
    if (now - (published.get(hash) ?? 0) < TOUCH_AFTER_MS) return;
    const { code, hash: _hash, file: _file, ...meta } = await loadBundle(storeDir, hash);
    const bytes = Buffer.from(code);
    if (bytes.length > MAX_BYTES) throw tooLarge(meta, bytes.length);
    const stored = { ...meta, code: await blobs.put(bytes), usedAt: isoTime(now) } as Stored;
    const isCurrent = ({ code: blob, usedAt, ...terms }: Stored) =>
      blob === stored.code && contentHash(code, terms) === hash && isRecent(usedAt, now);
    await records.update<Stored>(BUNDLES_KIND, hash, (current) =>
      current !== undefined && isCurrent(current) ? current : stored,
    );
    published.set(hash, now);
  }

  async function read(hash: string) {
    const stored = await records.get<Stored>(BUNDLES_KIND, hash);
    if (stored === undefined) {
      throw new SkillosError('code_unavailable', `Frozen code "${hash.slice(0, 12)}" is not in the storage`);
    }
    const { code: blob, usedAt: _, ...meta } = stored;
    const code = new TextDecoder().decode(await bytesOf(blobs, hash, blob));
    if (contentHash(code, meta) !== hash) throw tampered(hash);
    return { code, meta };
  }

  async function fetch(hash: string): Promise<void> {
    if (await useBundle(storeDir, hash)) return;
    const { code, meta } = await read(hash);
    await saveBundle(storeDir, code, meta);
  }

  async function missing(hashes: readonly string[]): Promise<readonly string[]> {
    const gone: string[] = [];
    for (let from = 0; from < hashes.length; from += READ_AT_ONCE) {
      const asked = hashes.slice(from, from + READ_AT_ONCE);
      const stored = await Promise.all(asked.map((hash) => records.get<Stored>(BUNDLES_KIND, hash)));
      const blobOf = new Map(asked.map((hash, index) => [hash, String(stored[index]?.code)]));
      const lost = new Set(await blobs.missing([...blobOf.values()]));
      gone.push(...asked.filter((hash) => lost.has(blobOf.get(hash) ?? '')));
    }
    return gone;
  }

  return { publish, fetch, missing };
}

function isRecent(usedAt: string | undefined, now: number): boolean {
  return usedAt !== undefined && now - msOf(usedAt) < TOUCH_AFTER_MS;
}

/** Shares what it freezes. */
export function sharedCode(code: SkillCode, bundles: SharedBundles): SkillCode {
  return {
    async freeze(entry) {
      const hash = await code.freeze(entry);
      await bundles.publish(hash);
      return hash;
    },
  };
}

async function bytesOf(blobs: Blobs, hash: string, blob: unknown): Promise<Uint8Array> {
  if (typeof blob !== 'string') throw tampered(hash);
  try {
    return await blobs.get(blob);
  } catch (error) {
    if (isSkillosError(error, 'state_corrupt')) throw tampered(hash);
    if (!isSkillosError(error, 'blob_unavailable')) throw error;
    throw new SkillosError('code_unavailable', `Frozen code "${hash.slice(0, 12)}" is not in the storage`, {
      cause: error,
    });
  }
}

function tampered(hash: string): SkillosError {
  return new SkillosError(
    'code_tampered',
    `Frozen code "${hash.slice(0, 12)}" in the storage is not what its hash says; it was not executed`,
  );
}

function tooLarge({ entry, skill }: BundleMeta, bytes: number): SkillosError {
  const size = (bytes / 1024 / 1024).toFixed(1);
  return new SkillosError(
    'code_invalid',
    `The code of skill "${skill}" is ${size} MiB with all that "${entry}" imports: expected at most ${MAX_BYTES / 1024 / 1024} MiB`,
  );
}
