/** Creates the three files of a new skill: manifest, implementation and test. */
import { realpath } from 'node:fs/promises';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { domainOf, nameOf } from '../../core/values/skill-id.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { manifestHead, manifestText } from './manifest-text.ts';
import { createFiles, refuseExisting } from '../files/create-files.ts';

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
 * Resolves to the paths of the files below the root. Rejects with `already_exists` if the skill, or a file that its entrypoint
 * could name, exists, and with `usage` if a text does not fit into a manifest.
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
  const manifest = manifestText({
    id: skill.id,
    name: skill.name,
    description: skill.description ?? `Auto-generated skill for ${skill.id}`,
    version: '0.1.0',
    entrypoint: `implementations.${domainOf(skill.id)}.${nameOf(skill.id)}:run`,
    tags: skill.tags ?? [],
  });
  await createFiles(root, [
    { path: paths.implementation, content: implementationText(skill.id) },
    { path: paths.test, content: testText(skill.id) },
    { path: paths.manifest, content: `${manifestHead(base)}${manifest}${SIDE_EFFECTS}${evalText(skill.id)}` }, // last, because a manifest makes the skill known
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

/** Every new manifest asks its author for the side effects. */
const SIDE_EFFECTS =
  '# What a run changes outside: none, read, write or destructive. Only none and read are retried.\nside_effects: none\n';

/** The answer of the implementation below. */
function evalText(id: SkillId): string {
  return `# What skillos eval expects of the answers.\neval:\n  cases:\n    - { input: ok, expected: ${id} executed }\n`;
}

function implementationText(id: SkillId): string {
  return `import type { Skill } from 'skillos';

/** The returned value, any JSON value, is the result of the run. */
export const run: Skill = async (payload, ctx) => {
  ctx.log('running', { characters: payload.length });
  return '${id} executed';
};
`;
}

/** node:test in JavaScript, because it needs no package and no types. */
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
