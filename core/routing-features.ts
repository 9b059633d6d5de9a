/** What routing compares, as hashed features: stems, their concepts, pairs of stems, and character n-grams. */
import { indexOfSorted } from './postings.ts';
import type { FeatureList, Postings } from './postings.ts';
import type { Term } from './text.ts';

const STEM = 1;
const PAIR = 2;
const GRAM = 3;
const CONCEPT = 4;
const SHORTEST_GRAM = 3;
const LONGEST_GRAM = 5;

export function stemFeature(stem: string): number {
  return hash(stem, STEM);
}

/** What a stem means beyond its letters; most stems have none of these. `concepts` are those by stem. */
export function conceptFeatures(stem: string, concepts: Postings): readonly number[] {
  const position = indexOfSorted(concepts.vocabulary, stemFeature(stem));
  if (position < 0) return [];
  const rows = concepts.rows.subarray(concepts.starts[position], concepts.starts[position + 1]);
  return Array.from(rows, (concept) => finish(mix(CONCEPT, concept)));
}

/** A stem and its concepts. */
export function meaningFeatures(stem: string, concepts: Postings): readonly number[] {
  return [stemFeature(stem), ...conceptFeatures(stem, concepts)];
}

/** Stems, their concepts, and pairs of neighbouring stems: word order, as far as it tells requests apart. */
export function phraseFeatures(terms: readonly Term[], concepts: Postings): FeatureList {
  const meanings = terms.flatMap(({ stem }) => meaningFeatures(stem, concepts));
  return { features: [...meanings, ...pairFeatures(terms)] };
}

export function pairFeatures(terms: readonly Term[]): readonly number[] {
  return terms.slice(1).map(({ stem }, at) => hash(`${(terms[at] as Term).stem} ${stem}`, PAIR)); // the one before
}

/** Runs of three to five characters within words, the word's borders included: what survives inflection and typos. */
export function gramFeatures(terms: readonly Term[]): FeatureList {
  const features: number[] = [];
  for (const { word } of terms) {
    for (const gram of gramsOf(word)) features.push(gram);
  }
  return { features };
}

/** Words come again and again. */
const knownGrams = new Map<string, readonly number[]>();
const MAX_KNOWN_WORDS = 20_000;

function gramsOf(word: string): readonly number[] {
  const known = knownGrams.get(word);
  if (known !== undefined) return known;
  const grams = hashGrams(` ${word} `);
  if (knownGrams.size >= MAX_KNOWN_WORDS) knownGrams.clear();
  knownGrams.set(word, grams);
  return grams;
}

function hashGrams(text: string): readonly number[] {
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

/** Spreads the bits (murmur3's last step), so that sorted keys and equal low bits do not go together. */
function finish(value: number): number {
  let spread = value ^ (value >>> 16);
  spread = Math.imul(spread, 0x85ebca6b);
  spread ^= spread >>> 13;
  spread = Math.imul(spread, 0xc2b2ae35);
  return (spread ^ (spread >>> 16)) >>> 0;
}
