/** Template of a new skills root: one working skill, its test, and types and schemas for editors. */
import { mkdir, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import { isErrno, storageError } from '../files/files.ts';
import { createFiles } from '../files/create-files.ts';
import type { NewFile } from '../files/create-files.ts';
import { schemaFiles } from './file-schemas.ts';
import { assertLoadable } from './skills-root.ts';
import { MANIFEST_HEAD } from './manifest-text.ts';
import { SKILL_TYPES } from './skill-types.ts';
import { TYPES_FILE } from './types-file.ts';

export const EXAMPLE_SKILL = 'text/count_words';

/**
 * Creates the root; resolves to its files. Rejects with `already_exists` unless the folder is missing or empty except for
 * `.git`, and as `assertLoadable` does.
 */
export async function createRoot(folder: string): Promise<readonly string[]> {
  assertLoadable(resolve(folder));
  const taken = (await entriesOf(folder)).find((name) => name !== '.git');
  if (taken !== undefined) {
    throw new SkillosError(
      'already_exists',
      `Folder ${JSON.stringify(folder)} is not empty: it holds "${taken}"`,
    );
  }
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw storageError(`Cannot make the folder ${JSON.stringify(folder)}`, error);
  });
  const files = [...FILES, ...schemaFiles()];
  await createFiles(folder, files);
  return files.map((file) => file.path);
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    if (isErrno(error, 'ENOTDIR')) {
      throw new SkillosError(
        'already_exists',
        `${JSON.stringify(folder)} is a file: expected a new or empty folder`,
      );
    }
    throw storageError(`Cannot read the folder ${JSON.stringify(folder)}`, error);
  }
}

const MANIFEST = `${MANIFEST_HEAD}id: ${EXAMPLE_SKILL}
name: Count words
description: Count the words, sentences and characters of a text
version: 0.1.0
entrypoint: implementations.text.count_words:run
tags: [text, statistics]
examples:
  - How many words are in this text?
  - Count the words of my letter
  - How long is this paragraph?
side_effects: none
outputs:
  type: object
  properties:
    words: { type: integer }
    sentences: { type: integer }
    characters: { type: integer }
  required: [words, sentences, characters]
`;

const IMPLEMENTATION = `import type { Skill } from 'skillos';

interface Counts {
  readonly words: number;
  readonly sentences: number;
  readonly characters: number;
}

export const run: Skill<string, Counts> = (text, ctx) => {
  const counts = {
    words: count(text, 'word'),
    sentences: count(text, 'sentence'),
    characters: count(text, 'grapheme'),
  };
  ctx.log('counted', counts);
  return counts;
};

/** By the rules of Unicode, so that it works in every language. */
function count(text: string, granularity: 'word' | 'sentence' | 'grapheme'): number {
  const segments = [...new Intl.Segmenter(undefined, { granularity }).segment(text)];
  return segments.filter((segment) => granularity !== 'word' || segment.isWordLike).length;
}
`;

const TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../implementations/text/count_words.ts';

const ctx = { log() {}, heartbeat() {}, signal: new AbortController().signal };

test('counts words, sentences and characters', () => {
  assert.deepEqual(run('Hello there. Привіт!', ctx), { words: 3, sentences: 2, characters: 20 });
});

test('finds nothing in an empty text', () => {
  assert.deepEqual(run('', ctx), { words: 0, sentences: 0, characters: 0 });
});
`;

/** `npm install` brings the types of Node and the compiler; SkillOS itself compiles skills without them. */
const PACKAGE = `{
  "private": true,
  "type": "module",
  "scripts": {
    "typecheck": "tsc"
  },
  "devDependencies": {
    "@types/node": "^20.17.0",
    "typescript": ">=5.7"
  }
}
`;

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2023"],
    "module": "preserve",
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "isolatedModules": true,
    "types": ["node"]
  },
  "include": ["implementations", "skillos.d.ts"]
}
`;

const GITIGNORE = `# what SkillOS writes, and secrets
runtime/
logs/
coverage/
secrets/
marketplace/.*
node_modules/
`;

const FILES: readonly NewFile[] = [
  { path: '.gitignore', content: GITIGNORE },
  { path: 'package.json', content: PACKAGE },
  { path: 'tsconfig.json', content: TSCONFIG },
  { path: TYPES_FILE, content: SKILL_TYPES },
  { path: 'implementations/text/count_words.ts', content: IMPLEMENTATION },
  { path: 'tests/text/count_words.test.mjs', content: TEST },
  { path: `metadata/${EXAMPLE_SKILL}.yaml`, content: MANIFEST },
];
