/** Caches the routing index of a root on disk, so that a command can route without reading manifests. */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Catalog, SkillEntry } from '../../core/skills/catalog.ts';
import { isActive } from '../../core/skills/composition.ts';
import { sha256 } from '../../core/values/digest.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { decodeRoutingIndex, encodeRoutingIndex } from '../../core/routing/routing-codec.ts';
import { buildRoutingIndex } from '../../core/routing/routing-index.ts';
import type { RoutingDocument, RoutingIndex } from '../../core/routing/routing-index.ts';
import { writeCache } from '../files/files.ts';

interface Source {
  readonly catalogs: Catalogs;
  /** The skills root; one cache folder may hold indexes of several roots. */
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
 * Resolves to the index of the present skills: from this process, from disk, or newly built and written. An unreadable or
 * unwritable cache only costs time.
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
    return undefined; // missing or unreadable: the index is built instead
  }
}

async function build(catalogs: Catalogs, file: string): Promise<Opened> {
  const catalog = await catalogs.load();
  const index = buildRoutingIndex(routingDocuments(catalog));
  await writeCache(file, Buffer.concat([digestOf(catalog.version), encodeRoutingIndex(index)]));
  return { fingerprint: catalog.version, index };
}

/** Returns what routing knows of each skill, in the order of the index. */
export function routingDocuments({ skills }: Pick<Catalog, 'skills'>): readonly RoutingDocument[] {
  const documents = [...skills.values()].filter(isInUse).map(routingDocument);
  return documents.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Only active compositions are routed to. */
function isInUse({ composition }: SkillEntry): boolean {
  return composition === undefined || isActive(composition);
}

function routingDocument({ id, manifest }: SkillEntry): RoutingDocument {
  const { name, description, tags, examples, deprecated, replacement_id: replacement } = manifest;
  return { id, name, description, tags, examples, deprecated, ...(replacement && { replacement }) };
}

/** First line of the cache file: the catalog version that the index was built from. */
function digestOf(fingerprint: string): Buffer {
  return Buffer.from(sha256(fingerprint), 'hex');
}
