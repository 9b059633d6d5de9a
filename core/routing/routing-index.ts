/**
 * The routing index of a catalog: texts and examples of its skills as inverted indexes. The indexes are ours: search
 * libraries for JavaScript (minisearch, orama) give scores without a calibrated scale, no averaged examples, and an
 * index that has to be parsed into objects before the first query.
 */
import { conceptsByStem } from './concepts.ts';
import { invert, sparseRows } from './postings.ts';
import type { FeatureList, Postings } from './postings.ts';
import { gramFeatures, meaningFeatures, memoizedGrams, phraseFeatures } from './routing-features.ts';
import type { GramsOf } from './routing-features.ts';
import { memoizedStem } from './stemming.ts';
import type { Stem } from './stemming.ts';
import { domainOf, nameOf } from '../values/skill-id.ts';
import type { SkillId } from '../values/skill-id.ts';
import { bm25Weighting, groupedRows, logWeighting, scaledRows, unitRows } from './sparse-vectors.ts';
import { analyse } from './text.ts';
import type { Term } from './text.ts';

export interface RoutingDocument {
  readonly id: SkillId;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Queries that this skill answers, as people type them. */
  readonly examples: readonly string[];
  readonly deprecated?: boolean;
  readonly replacement?: SkillId;
}

/** A skill in the index. */
export interface RoutingSkill {
  readonly id: SkillId;
  /** In lower case. */
  readonly tags: readonly string[];
  readonly deprecated: boolean;
  readonly replacement?: SkillId;
}

export interface RoutingIndex {
  /** Ascending by id; a row of each index below is a position in this list. */
  readonly skills: readonly RoutingSkill[];
  /** Maps stems to concepts. */
  readonly concepts: Postings;
  /** Stems of id, name, description and tags, with the weights of BM25F. */
  readonly profileWords: Postings;
  /** Character n-grams of the same fields, each row normalized to unit length. */
  readonly profileGrams: Postings;
  /** Stems and pairs of stems, averaged over the examples of a skill. */
  readonly exampleWords: Postings;
  readonly exampleGrams: Postings;
}

interface Field {
  readonly weight: number;
  readonly text: (document: RoutingDocument) => string;
}

const FIELDS: readonly Field[] = [
  { weight: 1.5, text: (document) => document.name },
  { weight: 0.5, text: (document) => nameOf(document.id) },
  { weight: 1, text: (document) => document.description },
  { weight: 0.5, text: (document) => `${document.tags.join(' ')} ${domainOf(document.id)}` },
];
/** Parameter b of BM25, 0 to 1: how strongly a long field lowers the weight of its words. */
const LENGTH_PENALTY = 0.3;
/** Parameter k1 of BM25: with a small value, repetitions of a word add little. */
const SATURATION = 0.8;

// Highest score that each kind of evidence can add, in log-odds. These weights and those of the fields above were fitted
// on BANKING77, HWU64, BFCL live and the Home Assistant intents (en, de, uk), by a search over values whose script is not
// kept; `npm run bench -- routing --data <dir>` measures the result on the same sets.
const PROFILE_WORDS = 5;
const PROFILE_GRAMS = 3;
const EXAMPLE_WORDS = 5;
const EXAMPLE_GRAMS = 4;
/** Factor for the profile of a skill without examples, so that it can reach the score of a skill with examples. */
const PROFILE_ALONE = 2.5;

/** Features of more skills than this keep no postings: they hardly distinguish skills and cost most of the time. */
const LONGEST_LIST = 2000;

interface AnalysedField extends Field {
  readonly words: readonly Term[];
  /** The words without stop words and numbers. */
  readonly terms: readonly Term[];
}

interface AnalysedDocument {
  readonly fields: readonly AnalysedField[];
  readonly examples: readonly (readonly Term[])[];
  /** Factor for the scores of its profile. */
  readonly emphasis: number;
}

interface ExampleFeatures {
  readonly featuresOf: (words: readonly Term[]) => FeatureList;
  readonly weight: number;
}

/** Builds the index of a catalog; the order of `documents` does not matter. A caller of many builds passes `concepts`. */
export function buildRoutingIndex(
  documents: readonly RoutingDocument[],
  concepts = conceptsByStem(),
): RoutingIndex {
  const sorted = [...documents].sort((a, b) => (a.id < b.id ? -1 : 1));
  const stemOf = memoizedStem();
  const gramsOf = memoizedGrams();
  const analysed = sorted.map((document) => analyseDocument(document, stemOf));
  const phrases = (words: readonly Term[]): FeatureList => phraseFeatures(words, concepts);
  const grams = (words: readonly Term[]): FeatureList => gramFeatures(words, gramsOf);
  return {
    skills: sorted.map(routingSkill),
    concepts,
    profileWords: profileWords(analysed, concepts),
    profileGrams: profileGrams(analysed, gramsOf),
    exampleWords: exampleVectors(analysed, { featuresOf: phrases, weight: EXAMPLE_WORDS }),
    exampleGrams: exampleVectors(analysed, { featuresOf: grams, weight: EXAMPLE_GRAMS }),
  };
}

function routingSkill({ id, tags, deprecated = false, replacement }: RoutingDocument): RoutingSkill {
  const folded = tags.map((tag) => tag.trim().toLowerCase());
  return { id, tags: folded, deprecated, ...(replacement && { replacement }) };
}

function analyseDocument(document: RoutingDocument, stemOf: Stem): AnalysedDocument {
  return {
    fields: FIELDS.map((field) => ({ ...field, ...analyse(field.text(document), stemOf) })),
    examples: document.examples.map((text) => analyse(text, stemOf).words),
    emphasis: document.examples.length === 0 ? PROFILE_ALONE : 1,
  };
}

function profileWords(documents: readonly AnalysedDocument[], concepts: Postings): Postings {
  const averages = FIELDS.map((_, field) => {
    const lengths = documents
      .map(({ fields }) => fields[field] as AnalysedField)
      .map(({ terms }) => terms.length);
    return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  });
  const rows = sparseRows(documents.map(({ fields }) => fieldWeights(fields, { averages, concepts })));
  const saturated = { ...rows, values: rows.values.map((weight) => weight / (SATURATION + weight)) };
  const factors = documents.map(({ emphasis }) => PROFILE_WORDS * emphasis);
  return invert(scaledRows(saturated, factors), bm25Weighting(rows));
}

function fieldWeights(
  fields: readonly AnalysedField[],
  { averages, concepts }: { readonly averages: readonly number[]; readonly concepts: Postings },
): FeatureList {
  const features: number[] = [];
  const values: number[] = [];
  fields.forEach(({ terms, weight }, field) => {
    const relativeLength = terms.length / (averages[field] as number); // there is one average per field, above 0 if the field has terms
    const share = weight / (1 - LENGTH_PENALTY + LENGTH_PENALTY * relativeLength);
    for (const { stem } of terms) {
      for (const feature of meaningFeatures(stem, concepts)) {
        features.push(feature);
        values.push(share);
      }
    }
  });
  return { features, values };
}

function profileGrams(documents: readonly AnalysedDocument[], gramsOf: GramsOf): Postings {
  const words = documents.map(({ fields }) => fields.flatMap((field) => field.words));
  const rows = sparseRows(words.map((own) => gramFeatures(own, gramsOf)));
  const weighting = logWeighting(rows);
  const factors = documents.map(({ emphasis }) => PROFILE_GRAMS * emphasis);
  return invert(scaledRows(unitRows(rows, weighting), factors), weighting, LONGEST_LIST);
}

function exampleVectors(documents: readonly AnalysedDocument[], kind: ExampleFeatures): Postings {
  const rows = sparseRows(documents.flatMap(({ examples }) => examples.map(kind.featuresOf)));
  const weighting = logWeighting(rows);
  const sizes = documents.map(({ examples }) => examples.length);
  const groups = groupedRows(unitRows(rows, weighting), sizes);
  const factors = documents.map(() => kind.weight);
  return invert(scaledRows(groups, factors), weighting, LONGEST_LIST);
}
