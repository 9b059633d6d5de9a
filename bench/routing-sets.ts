/** The routing sets of the benchmark, read from a folder of JSON files. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { sha256 } from '../core/values/digest.ts';
import type { GoldenQuery } from '../core/routing/golden.ts';
import type { RoutingDocument } from '../core/routing/routing-index.ts';
import { isSkillId, parseSkillId } from '../core/values/skill-id.ts';

export interface RoutingSet {
  readonly name: string;
  readonly documents: readonly RoutingDocument[];
  readonly golden: readonly GoldenQuery[];
}

/** Names too long for a skill are cut, so that they stay different from each other. */
const skillId = z.string().transform((text) => {
  return parseSkillId(isSkillId(text) ? text : `${text.slice(0, 54)}_${sha256(text).slice(0, 8)}`);
});

const setSchema = z.object({
  skills: z.array(
    z.object({
      id: skillId,
      name: z.string(),
      description: z.string(),
      tags: z.array(z.string()).default([]),
      examples: z.array(z.string()).default([]),
    }),
  ),
  golden: z.array(z.object({ query: z.string(), expected_skill_id: skillId.nullable() })),
});

/** Every `*.json` of the folder that has skills and golden queries; `undefined` where there is no such folder. */
export function readRoutingSets(folder: string): readonly RoutingSet[] | undefined {
  let names: readonly string[];
  try {
    names = readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch {
    return undefined; // missing: the caller says so
  }
  return names.map((name) => {
    const { skills, golden } = setSchema.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
    return { name: path.basename(name, '.json'), documents: skills, golden: golden.map(goldenQuery) };
  });
}

function goldenQuery({
  query,
  expected_skill_id: expected,
}: z.output<typeof setSchema>['golden'][number]): GoldenQuery {
  return { query, expected };
}

/** The set with the first `count` examples of each skill. */
export function withExamples(set: RoutingSet, count: number): RoutingSet {
  const documents = set.documents.map((document) => ({
    ...document,
    examples: document.examples.slice(0, count),
  }));
  return { ...set, name: `${set.name}, ${count} examples`, documents };
}

/** `size` different documents made of those of all sets: copies differ in their ids and in a word of their own. */
export function enlarged(sets: readonly RoutingSet[], size: number): readonly RoutingDocument[] {
  const all = sets.flatMap(({ documents }) => documents);
  return Array.from({ length: size }, (_, at): RoutingDocument => {
    const document = all[at % all.length] as RoutingDocument;
    const round = Math.floor(at / all.length);
    if (round === 0) return document;
    const [domain, name] = document.id.split('/') as [string, string];
    const mark = `variant${round}`;
    const id = parseSkillId(`${domain}/${name.slice(0, 45)}_${round}_${at}`);
    return { ...document, id, description: `${document.description} ${mark}` };
  });
}
