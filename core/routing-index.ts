/** What routing knows of the skills: their texts and examples as inverted indexes, built once for a catalog. */
import { conceptsByStem } from './concepts.ts';
import { invert, sparseRows } from './postings.ts';
import type { FeatureList, Postings } from './postings.ts';
import { gramFeatures, meaningFeatures, phraseFeatures } from './routing-features.ts';
import { domainOf, nameOf } from './skill-id.ts';
import type { SkillId } from './skill-id.ts';
import { bm25Weighing, groupedRows, logWeighing, scaledRows, unitRows } from './sparse-vectors.ts';
import { analyse } from './text.ts';
import type { Term } from './text.ts';

export interface RoutingDocument {
  readonly id: SkillId;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Requests this skill answers, as people would type them. */
  readonly examples: readonly string[];
  readonly deprecated?: boolean;
  readonly replacement?: SkillId;
}

/** One skill as the index lists it. */
export interface RoutingSkill {
  readonly id: SkillId;
  /** In lower case. */
  readonly tags: readonly string[];
  readonly deprecated: boolean;
  readonly replacement?: SkillId;
}

export interface RoutingIndex {
  /** In order of id; a row of each index below is a position in this list. */
  readonly skills: readonly RoutingSkill[];
  /** Words that mean much the same: stem → concepts. */
  readonly concepts: Postings;
  /** Stems of id, name, description and tags, weighted by field and saturated (BM25F). */
  readonly profileWords: Postings;
  /** Character n-grams of the same, at unit length. */
  readonly profileGrams: Postings;
  /** Stems and pairs of stems of the examples, averaged over a skill's examples. */
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
/** BM25's b: how much a word in a long field counts less, from 0 to 1. */
const LENGTH_PENALTY = 0.3;
/** BM25's k1: how soon repeating a word stops to matter. */
const SATURATION = 0.8;

// Evidence is on the scale of log-odds; these, fitted on public intent and tool sets, are what each kind is worth at
// its best.
const PROFILE_WORDS = 5;
const PROFILE_GRAMS = 3;
const EXAMPLE_WORDS = 5;
const EXAMPLE_GRAMS = 4;
/** How much louder the profile of a skill without examples speaks, so that it stands equal to those with examples. */
const PROFILE_ALONE = 2.5;

/** In large catalogs, what so many skills share tells none of them apart. */
const LONGEST_LIST = 2000;

interface AnalysedField extends Field {
  readonly words: readonly Term[];
  /** Those of the words that carry evidence. */
  readonly terms: readonly Term[];
}

interface AnalysedDocument {
  readonly fields: readonly AnalysedField[];
  readonly examples: readonly (readonly Term[])[];
  /** What the evidence of its profile is multiplied by. */
  readonly emphasis: number;
}

interface ExampleFeatures {
  readonly featuresOf: (words: readonly Term[]) => FeatureList;
  readonly weight: number;
}

export function buildRoutingIndex(documents: readonly RoutingDocument[]): RoutingIndex {
  const sorted = [...documents].sort((a, b) => (a.id < b.id ? -1 : 1));
  const analysed = sorted.map(analyseDocument);
  const concepts = conceptsByStem();
  const phrasesOf = (words: readonly Term[]): FeatureList => phraseFeatures(words, concepts);
  return {
    skills: sorted.map(routingSkill),
    concepts,
    profileWords: profileWords(analysed, concepts),
    profileGrams: profileGrams(analysed),
    exampleWords: exampleVectors(analysed, { featuresOf: phrasesOf, weight: EXAMPLE_WORDS }),
    exampleGrams: exampleVectors(analysed, { featuresOf: gramFeatures, weight: EXAMPLE_GRAMS }),
  };
}

function routingSkill({ id, tags, deprecated = false, replacement }: RoutingDocument): RoutingSkill {
  const folded = tags.map((tag) => tag.trim().toLowerCase());
  return { id, tags: folded, deprecated, ...(replacement && { replacement }) };
}

function analyseDocument(document: RoutingDocument): AnalysedDocument {
  return {
    fields: FIELDS.map((field) => ({ ...field, ...analyse(field.text(document)) })),
    examples: document.examples.map((text) => analyse(text).words),
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
  return invert(scaledRows(saturated, factors), bm25Weighing(rows));
}

function fieldWeights(
  fields: readonly AnalysedField[],
  { averages, concepts }: { readonly averages: readonly number[]; readonly concepts: Postings },
): FeatureList {
  const features: number[] = [];
  const values: number[] = [];
  fields.forEach(({ terms, weight }, field) => {
    const relativeLength = terms.length / (averages[field] as number); // one average a field, above 0 if it has terms
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

function profileGrams(documents: readonly AnalysedDocument[]): Postings {
  const rows = sparseRows(documents.map(({ fields }) => gramFeatures(fields.flatMap(({ words }) => words))));
  const weighing = logWeighing(rows);
  const factors = documents.map(({ emphasis }) => PROFILE_GRAMS * emphasis);
  return invert(scaledRows(unitRows(rows, weighing), factors), weighing, LONGEST_LIST);
}

function exampleVectors(documents: readonly AnalysedDocument[], kind: ExampleFeatures): Postings {
  const rows = sparseRows(documents.flatMap(({ examples }) => examples.map(kind.featuresOf)));
  const weighing = logWeighing(rows);
  const sizes = documents.map(({ examples }) => examples.length);
  const groups = groupedRows(unitRows(rows, weighing), sizes);
  const factors = documents.map(() => kind.weight);
  return invert(scaledRows(groups, factors), weighing, LONGEST_LIST);
}
