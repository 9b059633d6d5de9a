/** The vectors of the skills of a root, kept in the cache folder by their texts. */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Embedder } from '../../core/routing/embedder.ts';
import {
  UNRELATED_TEXTS,
  backgroundOf,
  directionOf,
  profileTexts,
  skillVectors,
  vectorsOfDirections,
} from '../../core/routing/similarity.ts';
import type { SkillVectors, TextVectors } from '../../core/routing/similarity.ts';
import type { RoutingDocument } from '../../core/routing/routing-index.ts';
import { decodeVectors, encodeVectors } from '../../core/routing/vector-codec.ts';
import type { VectorTable } from '../../core/routing/vector-codec.ts';
import { sha256 } from '../../core/values/digest.ts';
import { writeCache } from '../files/files.ts';

export interface VectorSource {
  readonly embedder: Embedder;
  /** One cache folder may hold vectors of several roots. */
  readonly root: string;
  readonly cacheDir: string;
  /** Called with the number of skills before they are embedded, which may take a while. */
  readonly onBuild: (skills: number) => void;
}

/** Longest wait for one call, so that a silent server does not hold up the skills for ever. */
const CALL_TIMEOUT_MS = 30_000;
/** Numbers in the vectors that are kept of a root, 256 MB; a server chooses how long its vectors are. */
const MAX_NUMBERS = 2 ** 26;
/** Skills between two writes, so that a command that ends early has not worked for nothing. */
const SKILLS_PER_WRITE = 200;

/**
 * Resolves to the vectors of the skills in this order, from disk for texts that are known. The file keeps the texts of the
 * present skills alone; if these were too many numbers, it keeps the direction of each skill instead. Rejects as the embedder
 * does; what was embedded before is kept.
 */
export async function readSkillVectors(
  source: VectorSource,
  documents: readonly RoutingDocument[],
  signal: AbortSignal,
): Promise<SkillVectors> {
  const { embedder, root, cacheDir, onBuild } = source;
  const name = sha256(`${await realpath(root)}\0${embedder.id}`).slice(0, 32);
  const file = path.join(cacheDir, 'embeddings', `${name}.vectors`);
  const known = await readTable(file);
  const probe = known ? [] : await embedAll(embedder, UNRELATED_TEXTS, signal);
  const background = known?.background ?? backgroundOf(probe);
  const dimensions = known?.dimensions ?? probe[0]?.length ?? 0;
  const hasTexts = isRoomForTexts(dimensions, documents);
  const keysOf = (document: RoutingDocument) =>
    hasTexts ? textsOf(document).map(sha256) : [sha256(JSON.stringify(textsOf(document)))];
  const vectors = new Map(documents.flatMap(keysOf).flatMap((key) => entryOf(known, key)));
  const missing = documents.filter((document) => keysOf(document).some((key) => !vectors.has(key)));
  if (missing.length > 0) onBuild(missing.length);
  for (let at = 0; at < missing.length; at += SKILLS_PER_WRITE) {
    const batch = missing.slice(at, at + SKILLS_PER_WRITE);
    const knownOf = (text: string) => vectors.get(sha256(text)) ?? known?.vectors.get(sha256(text));
    const fresh = [...new Set(batch.flatMap(textsOf))].filter((text) => knownOf(text) === undefined);
    const embedded = await embedAll(embedder, fresh, signal);
    checkLengths(embedded, dimensions);
    const ofFresh = new Map(fresh.map((text, row) => [text, embedded[row]]));
    const ofText = (text: string) => (ofFresh.get(text) ?? knownOf(text)) as Float32Array; // known or fresh
    for (const document of batch) {
      const own = hasTexts
        ? textsOf(document).map(ofText)
        : [directionOf(ofSkill(document, ofText), dimensions)];
      keysOf(document).forEach((key, row) => vectors.set(key, own[row] as Float32Array)); // one for each key
    }
    await writeCache(file, encodeVectors({ background, dimensions, vectors }));
  }
  const ofKey = (key: string) => vectors.get(key) as Float32Array; // all were embedded above
  if (!hasTexts) return vectorsOfDirections(background, documents.flatMap(keysOf).map(ofKey));
  const skills = documents.map((document) => ofSkill(document, (text) => ofKey(sha256(text))));
  return skillVectors(background, skills);
}

/** False if there is room only for one vector of each skill. Throws if there is none for that either. */
function isRoomForTexts(dimensions: number, documents: readonly RoutingDocument[]): boolean {
  if (dimensions * documents.length > MAX_NUMBERS)
    throw failed('vectors that are too long for so many skills');
  const texts = documents.reduce((sum, { examples }) => sum + 2 + examples.length, 0); // with profile and direction
  return dimensions * texts <= MAX_NUMBERS;
}

function ofSkill(document: RoutingDocument, ofText: (text: string) => Float32Array): TextVectors {
  return { profile: profileTexts(document).map(ofText), examples: document.examples.map(ofText) };
}

function textsOf(document: RoutingDocument): readonly string[] {
  return [...profileTexts(document), ...document.examples];
}

function entryOf(table: VectorTable | undefined, key: string): readonly [string, Float32Array][] {
  const vector = table?.vectors.get(key);
  return vector === undefined ? [] : [[key, vector]];
}

function checkLengths(vectors: readonly Float32Array[], length: number): void {
  const other = vectors.find((vector) => vector.length !== length);
  if (other !== undefined) throw failed(`vectors of ${length} and ${other.length} numbers`);
}

async function embedAll(
  embedder: Embedder,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += embedder.maxTexts) {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
    vectors.push(...(await embedder.embed(texts.slice(at, at + embedder.maxTexts), limited)));
  }
  return vectors;
}

function failed(what: string): SkillosError {
  const message = `The embedding model gave ${what}; if it was replaced, remove the folder "embeddings" of the cache`;
  return new SkillosError('embeddings_failed', message);
}

async function readTable(file: string): Promise<VectorTable | undefined> {
  try {
    return decodeVectors(await readFile(file));
  } catch {
    return undefined; // missing or unreadable: embedded again
  }
}
