/** A routing index as bytes and back: numbers stay typed arrays, so that reading parses next to nothing. */
import type { Postings } from './postings.ts';
import type { RoutingIndex, RoutingSkill } from './routing-index.ts';

/** Changes whenever the bytes or what they mean do, stemming and weights included. */
export const ROUTING_INDEX_VERSION = 1;

const MAGIC = 0x534b5254;
const INDEXES = ['profileWords', 'profileGrams', 'exampleWords', 'exampleGrams'] as const;
const WORD = 4;
/** Magic, version, checksum of all that follows, length of the header in bytes. */
const PREAMBLE_WORDS = 4;

interface Header {
  readonly skills: readonly RoutingSkill[];
  readonly indexes: readonly {
    readonly features: number;
    readonly entries: number;
    readonly rarest: number;
  }[];
}

/** In the byte order of this machine; another one does not take it for an index. */
export function encodeRoutingIndex(index: RoutingIndex): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify(headerOf(index)));
  const arrays = INDEXES.flatMap((name) => arraysOf(index[name]));
  const headerWords = Math.ceil(header.length / WORD);
  const total = arrays.reduce((sum, array) => sum + array.length, PREAMBLE_WORDS + headerWords);
  const words = new Uint32Array(total);
  const bytes = new Uint8Array(words.buffer);
  bytes.set(header, PREAMBLE_WORDS * WORD);
  let at = PREAMBLE_WORDS + headerWords;
  for (const array of arrays) {
    words.set(new Uint32Array(array.buffer, array.byteOffset, array.length), at);
    at += array.length;
  }
  words[3] = header.length;
  words.set([MAGIC, ROUTING_INDEX_VERSION, checksum(words.subarray(3))]);
  return bytes;
}

/** `undefined` for anything that `encodeRoutingIndex` of this version did not write, whole. */
export function decodeRoutingIndex(bytes: Uint8Array): RoutingIndex | undefined {
  if (bytes.length < PREAMBLE_WORDS * WORD || bytes.length % WORD !== 0) return undefined;
  const aligned = bytes.byteOffset % WORD === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / WORD);
  if (words[0] !== MAGIC || words[1] !== ROUTING_INDEX_VERSION || words[2] !== checksum(words.subarray(3))) {
    return undefined;
  }
  const headerLength = words[3] as number;
  const start = PREAMBLE_WORDS * WORD;
  const header = JSON.parse(
    new TextDecoder().decode(aligned.subarray(start, start + headerLength)),
  ) as Header; // the checksum says it is ours
  const indexes = readIndexes(header, words.subarray(PREAMBLE_WORDS + Math.ceil(headerLength / WORD)));
  return { skills: header.skills, ...indexes };
}

function headerOf(index: RoutingIndex): Header {
  const indexes = INDEXES.map((name) => {
    const { vocabulary, rows, rarest } = index[name];
    return { features: vocabulary.length, entries: rows.length, rarest };
  });
  return { skills: index.skills, indexes };
}

function arraysOf({
  vocabulary,
  rarity,
  starts,
  rows,
  values,
}: Postings): readonly (Uint32Array | Float32Array)[] {
  return [vocabulary, rarity, starts, rows, values];
}

function readIndexes(header: Header, words: Uint32Array): Record<(typeof INDEXES)[number], Postings> {
  let at = words.byteOffset;
  const take = <View>(
    View: new (buffer: ArrayBufferLike, offset: number, length: number) => View,
    length: number,
  ): View => {
    const view = new View(words.buffer, at, length);
    at += length * WORD;
    return view;
  };
  const [profileWords, profileGrams, exampleWords, exampleGrams] = header.indexes.map(
    ({ features, entries, rarest }): Postings => ({
      vocabulary: take(Uint32Array, features),
      rarity: take(Float32Array, features),
      rarest,
      starts: take(Uint32Array, features + 1),
      rows: take(Uint32Array, entries),
      values: take(Float32Array, entries),
    }),
  ) as [Postings, Postings, Postings, Postings]; // as many as INDEXES
  return { profileWords, profileGrams, exampleWords, exampleGrams };
}

/** FNV-1a over 32-bit words: finds truncation and damage, not forgery. */
function checksum(words: Uint32Array): number {
  let value = 0x811c9dc5;
  for (const word of words) value = Math.imul(value ^ word, 0x01000193);
  return value >>> 0;
}
