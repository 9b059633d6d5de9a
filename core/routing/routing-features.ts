/** The features that routing compares, as 32-bit hashes: stems, their concepts, pairs of stems, character n-grams. */
import { indexOfSorted } from './postings.ts';
import type { FeatureList, Postings } from './postings.ts';
import type { Term } from './text.ts';

const STEM = 1;
const PAIR = 2;
const GRAM = 3;
const CONCEPT = 4;
/** Lengths of character n-grams, in characters; the usual range for word matching with typos, see bench/routing.ts. */
const SHORTEST_GRAM = 3;
const LONGEST_GRAM = 5;

export function stemFeature(stem: string): number {
  return hash(stem, STEM);
}

/** Returns the concepts of a stem; most stems have none. `concepts` maps stems to concepts, as in `conceptsByStem`. */
export function conceptFeatures(stem: string, concepts: Postings): readonly number[] {
  const position = indexOfSorted(concepts.vocabulary, stemFeature(stem));
  if (position < 0) return [];
  const rows = concepts.rows.subarray(concepts.starts[position], concepts.starts[position + 1]);
  return Array.from(rows, (concept) => finish(mix(CONCEPT, concept)));
}

/** Returns the feature of a stem and those of its concepts. */
export function meaningFeatures(stem: string, concepts: Postings): readonly number[] {
  return [stemFeature(stem), ...conceptFeatures(stem, concepts)];
}

/** Returns the features of stems, of their concepts, and of pairs of neighbouring stems, which capture word order. */
export function phraseFeatures(terms: readonly Term[], concepts: Postings): FeatureList {
  const meanings = terms.flatMap(({ stem }) => meaningFeatures(stem, concepts));
  return { features: [...meanings, ...pairFeatures(terms)] };
}

export function pairFeatures(terms: readonly Term[]): readonly number[] {
  return terms.slice(1).map(({ stem }, at) => hash(`${(terms[at] as Term).stem} ${stem}`, PAIR)); // the term before it
}

export type GramsOf = (word: string) => readonly number[];

/**
 * Returns the character n-grams of the words, with the borders of words as characters: they match inflected and
 * mistyped words. A caller with many texts passes one `gramsOf` for all of them.
 */
export function gramFeatures(terms: readonly Term[], gramsOf: GramsOf = memoizedGrams()): FeatureList {
  const features: number[] = [];
  for (const { word } of terms) {
    for (const gram of gramsOf(word)) features.push(gram);
  }
  return { features };
}

/** Returns a function that gives the n-grams of a word and remembers them, because words recur. */
export function memoizedGrams(): GramsOf {
  const known = new Map<string, readonly number[]>();
  return (word) => {
    const grams = known.get(word) ?? wordGrams(word);
    known.set(word, grams);
    return grams;
  };
}

function wordGrams(word: string): readonly number[] {
  const text = ` ${word} `;
  const grams: number[] = [];
  for (let start = 0; start + SHORTEST_GRAM <= text.length; start++) {
    let value = GRAM;
    const end = Math.min(start + LONGEST_GRAM, text.length);
    for (let at = start; at < end; at++) {
      value = mix(value, text.charCodeAt(at));
      if (at - start + 1 >= SHORTEST_GRAM) grams.push(finish(value));
    }
  }
  return grams;
}

function hash(text: string, kind: number): number {
  let value = kind;
  for (let at = 0; at < text.length; at++) value = mix(value, text.charCodeAt(at));
  return finish(value);
}

function mix(value: number, code: number): number {
  return Math.imul(value ^ code, 0x9e3779b1) ^ (value >>> 15);
}

/** The finalizer of MurmurHash3: changes in any bit of the input reach every bit of the hash. */
function finish(value: number): number {
  let spread = value ^ (value >>> 16);
  spread = Math.imul(spread, 0x85ebca6b);
  spread ^= spread >>> 13;
  spread = Math.imul(spread, 0xc2b2ae35);
  return (spread ^ (spread >>> 16)) >>> 0;
}
