/** Encodes a routing index as bytes. Numbers are typed arrays, so that decoding parses only a small header. */
import { sha256 } from '../values/digest.ts';
import type { Postings } from './postings.ts';
import type { RoutingIndex, RoutingSkill } from './routing-index.ts';

/** Increase it with each change of the format, of stemming or of weights. */
const ROUTING_INDEX_VERSION = 2;

const MAGIC = 0x534b5254;
const INDEXES = ['concepts', 'profileWords', 'profileGrams', 'exampleWords', 'exampleGrams'] as const;
const WORD = 4;
const DIGEST_WORDS = 16;
/** Layout in words: magic, version, SHA-256 in hex of the rest, length of the header in bytes, header, arrays. */
const DIGEST_AT = 2;
const LENGTH_AT = DIGEST_AT + DIGEST_WORDS;
const HEADER_AT = LENGTH_AT + 1;

interface Header {
  readonly skills: readonly RoutingSkill[];
  readonly indexes: readonly {
    readonly features: number;
    readonly entries: number;
    readonly rarest: number;
  }[];
}

/** Uses the byte order of this machine; a machine with another one rejects the magic number. */
export function encodeRoutingIndex(index: RoutingIndex): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify(headerOf(index)));
  const arrays = INDEXES.flatMap((name) => arraysOf(index[name]));
  const headerWords = Math.ceil(header.length / WORD);
  const total = arrays.reduce((sum, array) => sum + array.length, HEADER_AT + headerWords);
  const words = new Uint32Array(total);
  const bytes = new Uint8Array(words.buffer);
  words.set([MAGIC, ROUTING_INDEX_VERSION]);
  words[LENGTH_AT] = header.length;
  bytes.set(header, HEADER_AT * WORD);
  let at = HEADER_AT + headerWords;
  for (const array of arrays) {
    words.set(new Uint32Array(array.buffer, array.byteOffset, array.length), at);
    at += array.length;
  }
  bytes.set(new TextEncoder().encode(digestOf(bytes)), DIGEST_AT * WORD);
  return bytes;
}

/** Returns undefined unless the bytes are a complete result of `encodeRoutingIndex` of this version. */
export function decodeRoutingIndex(bytes: Uint8Array): RoutingIndex | undefined {
  if (bytes.length < HEADER_AT * WORD || bytes.length % WORD !== 0) return undefined;
  const aligned = bytes.byteOffset % WORD === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / WORD);
  if (words[0] !== MAGIC || words[1] !== ROUTING_INDEX_VERSION) return undefined;
  if (textAt(aligned, DIGEST_AT, DIGEST_WORDS * WORD) !== digestOf(aligned)) return undefined;
  const headerLength = words[LENGTH_AT] as number;
  const header = JSON.parse(textAt(aligned, HEADER_AT, headerLength)) as Header; // verified by the digest
  const indexes = readIndexes(header, words.subarray(HEADER_AT + Math.ceil(headerLength / WORD)));
  return { skills: header.skills, ...indexes };
}

function digestOf(bytes: Uint8Array): string {
  return sha256(bytes.subarray(LENGTH_AT * WORD));
}

function textAt(bytes: Uint8Array, word: number, length: number): string {
  return new TextDecoder().decode(bytes.subarray(word * WORD, word * WORD + length));
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

type Indexes = Readonly<Record<(typeof INDEXES)[number], Postings>>;

function readIndexes(header: Header, words: Uint32Array): Indexes {
  let at = words.byteOffset;
  const take = <View>(
    View: new (buffer: ArrayBufferLike, offset: number, length: number) => View,
    length: number,
  ): View => {
    const view = new View(words.buffer, at, length);
    at += length * WORD;
    return view;
  };
  const read = header.indexes.map(({ features, entries, rarest }, index) => {
    const postings: Postings = {
      vocabulary: take(Uint32Array, features),
      rarity: take(Float32Array, features),
      rarest,
      starts: take(Uint32Array, features + 1),
      rows: take(Uint32Array, entries),
      values: take(Float32Array, entries),
    };
    return [INDEXES[index], postings];
  });
  return Object.fromEntries(read) as Indexes; // the header has one entry per name in INDEXES
}
