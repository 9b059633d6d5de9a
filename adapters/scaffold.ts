/** The three files of a new skill: manifest, implementation and test. */
import { realpath } from 'node:fs/promises';
import { CORE_SCHEMA, dump } from 'js-yaml';
import { SkillosError } from '../core/errors.ts';
import type { Catalogs } from '../core/ports.ts';
import { domainOf, nameOf } from '../core/skill-id.ts';
import type { SkillId } from '../core/skill-id.ts';
import { readManifest } from '../core/validation.ts';
import { createFiles, refuseExisting } from './new-files.ts';
import { readYaml } from './yaml.ts';

export interface NewSkill {
  readonly id: SkillId;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

export interface Scaffold {
  readonly manifest: string;
  readonly implementation: string;
  readonly test: string;
}

/**
 * Creates the files and returns their paths below the root. Rejects with `already_exists` where the skill, or a file
 * that its entrypoint could mean, is there, and with `usage` where a text does not fit into a manifest.
 */
export async function addSkill(root: string, catalogs: Catalogs, skill: NewSkill): Promise<Scaffold> {
  const existing = await catalogs.find(skill.id);
  if (existing !== undefined) {
    throw new SkillosError('already_exists', `Skill "${skill.id}" exists already in ${existing.file}`);
  }
  const paths = pathsOf(skill.id);
  const base = await realpath(root);
  const others = ['mts', 'js', 'mjs'].map((extension) => `implementations/${skill.id}.${extension}`);
  for (const file of [`metadata/${skill.id}.yml`, ...others]) await refuseExisting(base, file);
  const manifest = manifestText(skill);
  refuseBroken(manifest);
  await createFiles(root, [
    { path: paths.implementation, content: implementationText(skill.id) },
    { path: paths.test, content: testText(skill.id) },
    { path: paths.manifest, content: manifest }, // last, because a manifest makes the skill known
  ]);
  return paths;
}

function pathsOf(id: SkillId): Scaffold {
  return {
    manifest: `metadata/${id}.yaml`,
    implementation: `implementations/${id}.ts`,
    test: `tests/${id}.test.mjs`,
  };
}

function manifestText({ id, name, description, tags }: NewSkill): string {
  const fields = {
    id,
    name: name ?? titleOf(nameOf(id)),
    description: description ?? `Auto-generated skill for ${id}`,
    version: '0.1.0',
    entrypoint: `implementations.${domainOf(id)}.${nameOf(id)}:run`,
    tags: tags === undefined || tags.length === 0 ? [domainOf(id)] : tags,
  };
  const yaml = dump(fields, { flowLevel: 1, lineWidth: -1, schema: CORE_SCHEMA });
  return `${yaml}# What a run changes outside: none, read, write or destructive. Only none and read are retried.\nside_effects: none\n`;
}

/** Options hold any text; what the catalog would refuse is not written. */
function refuseBroken(text: string): void {
  const yaml = readYaml(Buffer.from(text));
  if (yaml.status === 'refused')
    throw new SkillosError('usage', `Invalid name, description or tag: ${yaml.message}`);
  const { findings } = readManifest({ file: '', value: yaml.value, lineOf: yaml.lineOf });
  const problem = findings.find(({ severity }) => severity === 'error');
  if (problem !== undefined) throw new SkillosError('usage', `Invalid ${problem.field}: ${problem.message}`);
}

function implementationText(id: SkillId): string {
  return `import type { Skill } from 'skillos';

/** What it returns is the result of the run: any JSON value. */
export const run: Skill = async (payload, ctx) => {
  ctx.log('running', { characters: payload.length });
  return '${id} executed';
};
`;
}

/** Plain node:test, in JavaScript: it needs no package, and no types of one. */
function testText(id: SkillId): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../implementations/${id}.ts';

const ctx = { log() {}, heartbeat() {}, signal: new AbortController().signal };

test('${id} answers', async () => {
  assert.equal(await run('ok', ctx), '${id} executed');
});
`;
}

/** `search_flights` → `Search Flights`. */
function titleOf(name: string): string {
  const words = name.split('_').filter(Boolean);
  return words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join(' ');
}
