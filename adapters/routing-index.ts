/** The routing index of a root, kept on disk so that a command need not read any manifest to route. */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { SkillEntry } from '../core/catalog.ts';
import { isActive } from '../core/composition.ts';
import { sha256 } from '../core/digest.ts';
import type { Catalogs } from '../core/ports.ts';
import { decodeRoutingIndex, encodeRoutingIndex } from '../core/routing-codec.ts';
import { buildRoutingIndex } from '../core/routing-index.ts';
import type { RoutingDocument, RoutingIndex } from '../core/routing-index.ts';
import { makeDir, writeAtomic } from './files.ts';

interface Source {
  readonly catalogs: Catalogs;
  /** The skills root, which one cache folder may hold several of. */
  readonly root: string;
  readonly cacheDir: string;
}

interface Opened {
  readonly fingerprint: string;
  readonly index: RoutingIndex;
}

/** The latest index by cache file, for processes that route more than once. */
const opened = new Map<string, Opened>();

const DIGEST_BYTES = 32;

/**
 * The index of the skills as they are now: from this process, else from disk, else built anew and written. A cache
 * that cannot be read or written costs time, never the answer.
 */
export async function openRoutingIndex({ catalogs, root, cacheDir }: Source): Promise<RoutingIndex> {
  const fingerprint = await catalogs.fingerprint();
  const file = path.join(cacheDir, 'routing', `${sha256(await realpath(root)).slice(0, 32)}.index`);
  const known = opened.get(file);
  if (known?.fingerprint === fingerprint) return known.index;
  const found = (await readCache(file, fingerprint)) ?? (await build(catalogs, file));
  opened.set(file, found);
  return found.index;
}

async function readCache(file: string, fingerprint: string): Promise<Opened | undefined> {
  try {
    const bytes = await readFile(file);
    if (!bytes.subarray(0, DIGEST_BYTES).equals(digestOf(fingerprint))) return undefined;
    const index = decodeRoutingIndex(bytes.subarray(DIGEST_BYTES));
    return index && { fingerprint, index };
  } catch {
    return undefined; // no file, or not ours to read: the index is built instead
  }
}

async function build(catalogs: Catalogs, file: string): Promise<Opened> {
  const catalog = await catalogs.load();
  const index = buildRoutingIndex([...catalog.skills.values()].filter(isInUse).map(routingDocument));
  try {
    await makeDir(path.dirname(file));
    await writeAtomic(file, Buffer.concat([digestOf(catalog.version), encodeRoutingIndex(index)]));
  } catch {
    // A full or read-only disk: the next process builds again.
  }
  return { fingerprint: catalog.version, index };
}

/** A composition is routed to once it is active. */
function isInUse({ composition }: SkillEntry): boolean {
  return composition === undefined || isActive(composition);
}

function routingDocument({ id, manifest }: SkillEntry): RoutingDocument {
  const { name, description, tags, examples, deprecated, replacement_id: replacement } = manifest;
  return { id, name, description, tags, examples, deprecated, ...(replacement && { replacement }) };
}

/** What the cache file begins with: which catalog the index was built from. */
function digestOf(fingerprint: string): Buffer {
  return Buffer.from(sha256(fingerprint), 'hex');
}
