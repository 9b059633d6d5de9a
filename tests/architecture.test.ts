/** The walls between the layers. Whoever moves one changes this table and ARCHITECTURE.md in the same commit. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PROJECT, importsIn, importsOf, sourceFiles } from './support/imports.ts';
import type { Import } from './support/imports.ts';
import { codeSpansIn, fileLinksIn, pictureIn, tableIn } from './support/markdown.ts';

interface Layer {
  /** Folders, or single files, of the project. */
  readonly files: readonly string[];
  /** Likewise, but only for their types. */
  readonly types?: readonly string[];
  /** Packages with all below them; `node:` stands for all built-ins. */
  readonly packages: readonly string[];
  readonly typesOfPackages?: readonly string[];
}

const LAYERS: Readonly<Record<string, Layer>> = {
  core: {
    files: ['core/'],
    packages: [
      'zod',
      'ulid',
      'diff',
      'fastest-levenshtein',
      '@orama/stemmers',
      'microdiff',
      'cronstrue',
      'ipaddr.js',
      'canonicalize',
      'semver',
    ],
  },
  adapters: {
    files: ['core/', 'adapters/'],
    packages: [
      'node:',
      'zod',
      'ajv',
      'scslre',
      'esbuild',
      'acorn',
      'acorn-walk',
      '@jridgewell/trace-mapping',
      'js-yaml',
      'pino',
      'pg',
      'jose',
      'ioredis',
      'lru-cache',
      'prom-client',
      'file-type',
      'undici',
      'node-sqlite3-wasm',
      '@opentelemetry/',
      '@huggingface/tokenizers',
      'tar',
    ],
  },
  activities: {
    files: ['core/', 'adapters/', 'activities/'],
    types: ['workflows/messages.ts'],
    packages: [
      '@temporalio/activity',
      '@temporalio/worker',
      '@temporalio/common',
      'node:timers/promises',
      'lru-cache',
    ],
  },
  workflows: {
    files: ['core/', 'workflows/'],
    types: ['activities/'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
  },
  client: {
    files: ['core/', 'client/', 'workflows/messages.ts'],
    packages: ['@temporalio/client', '@temporalio/common', 'ulid', 'node:events', 'node:timers/promises'],
    typesOfPackages: ['@temporalio/proto'],
  },
  server: {
    files: ['core/', 'adapters/', 'client/', 'server/', 'package.json'],
    packages: ['node:', 'zod', 'ulid', 'koa', '@koa/router'],
  },
  cli: {
    files: [
      'core/',
      'adapters/',
      'client/',
      'cli/',
      'server/http/http-server.ts',
      'temporal-dev/',
      'activities/worker.ts',
      'activities/open-ports.ts',
      'package.json',
    ],
    packages: ['node:', 'clipanion', 'fastest-levenshtein', 'ulid'],
  },
  'temporal-dev': {
    files: ['core/', 'adapters/', 'temporal-dev/'],
    packages: ['node:', 'zod', 'tar', '@temporalio/client', '@temporalio/envconfig'],
    typesOfPackages: ['@temporalio/proto'],
  },
  // User code: loaded by path, imported by nobody.
  skills: { files: ['skills/'], packages: ['node:', 'skillos'] },
};

/** What single files may import beyond their layer. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = { 'core/values/digest.ts': ['node:crypto'] };

/** The folders of core/, lowest first: a file imports from its own folder and from those before it. */
const CORE_FOLDERS = [
  'errors',
  'values',
  'storage',
  'attachments',
  'settings',
  'plans',
  'skills',
  'connectors',
  'marketplace',
  'testing',
  'rights',
  'routing',
  'splitting',
  'limits',
  'approvals',
  'sessions',
  'runs',
  'learning',
  'jobs',
  'schedules',
  'preparing',
  'telemetry',
  'webhooks',
  'deployments',
];

const MAX_FILES_PER_FOLDER = 25;

/** Tables that are read as one, whatever their length. */
const LONG_TABLES = new Set([
  'core/errors/error-codes.ts',
  'core/settings/settings.ts',
  'cli/commands/index.ts',
]);

/** Folders outside the layers: they may import anything, and no layer may import them. */
const OUTSIDE = ['tests', 'bench', 'docs'];

/** What a command must not load before it knows that it needs it: each costs tens of milliseconds or more. */
const HEAVY = [
  '@temporalio/',
  '@opentelemetry/',
  'ajv',
  'scslre',
  'pg',
  'node-sqlite3-wasm',
  'ioredis',
  'prom-client',
  'jose',
  'esbuild',
  'acorn',
  'activities/',
  'temporal-dev/',
];

const FILES = Object.keys(LAYERS).filter(exists).flatMap(sourceFiles);
const IMPORTS = (await Promise.all(FILES.map(importsOf))).flat();
const ADVICE =
  'move the code to a layer that may, pass it in, or change tests/architecture.test.ts and ARCHITECTURE.md';

function exists(folder: string): boolean {
  return readdirSync(PROJECT).includes(folder);
}

function layerOf(file: string): string {
  return file.split('/')[0] as string;
}

/** `node:` covers `node:fs`, `core/` covers `core/plans/plan.ts`, `zod` covers `zod/v4`. */
function covers(rule: string, target: string): boolean {
  return target === rule || target.startsWith(/[/:]$/.test(rule) ? rule : `${rule}/`);
}

function isAllowed({ from, to, isTypeOnly }: Import): boolean {
  const layer = LAYERS[layerOf(from)] as Layer;
  const rules = [...layer.files, ...layer.packages, ...(EXCEPTIONS[from] ?? [])];
  const typeRules = isTypeOnly ? [...(layer.types ?? []), ...(layer.typesOfPackages ?? [])] : [];
  const isOwnData = to.endsWith('.json') && layerOf(to) === layerOf(from);
  return isOwnData || [...rules, ...typeRules].some((rule) => covers(rule, to));
}

/** Everything that is loaded together with a file, as `target (by importer)`. */
function loadedWith(entries: readonly string[], isFollowed: (each: Import) => boolean): readonly Import[] {
  const loaded: Import[] = [];
  const seen = new Set(entries);
  for (const file of seen) {
    const followed = IMPORTS.filter((each) => each.from === file && !each.isTypeOnly && isFollowed(each));
    loaded.push(...followed);
    for (const { to } of followed) if (FILES.includes(to)) seen.add(to);
  }
  return loaded;
}

/** 0 for what is outside core/, or in none of its folders: json.ts, and what skill authors import. */
function coreRank(file: string): number {
  const [layer, folder = ''] = file.split('/');
  return layer === 'core' ? CORE_FOLDERS.indexOf(folder) + 1 : 0;
}

/** A way from a node back to itself, where there is one. */
function cycleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | undefined {
  const done = new Set<string>();
  const search = (node: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const cycle = search(next, [...way, node]);
      if (cycle !== undefined) return cycle;
    }
    done.add(node);
    return undefined;
  };
  return [...edges.keys()].map((node) => search(node, [])).find((cycle) => cycle !== undefined);
}

function edgesOf(imports: readonly Import[], nameOf: (file: string) => string) {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (!FILES.includes(to) || nameOf(from) === nameOf(to)) continue;
    edges.set(nameOf(from), (edges.get(nameOf(from)) ?? new Set()).add(nameOf(to)));
  }
  return edges;
}

test('every layer is read', () => {
  expect(FILES.length).toBeGreaterThan(100);
  expect(IMPORTS.length).toBeGreaterThan(400);
});

test.each(Object.keys(LAYERS))('%s imports only what its layer may', (layer) => {
  const wrong = IMPORTS.filter((each) => layerOf(each.from) === layer && !isAllowed(each));
  const { files, packages } = LAYERS[layer] as Layer;
  const allowed = [...files, ...packages].join(' ');
  expect(
    wrong.map(({ from, to }) => `${from} imports ${to}; ${layer} may import ${allowed}: ${ADVICE}`),
  ).toEqual([]);
});

test('what workflows run holds no zod and nothing of Node', () => {
  const entries = FILES.filter((file) => layerOf(file) === 'workflows');
  const wrong = loadedWith(entries, () => true).filter(({ to }) => covers('zod', to) || covers('node:', to));
  expect(
    wrong.map(
      ({ from, to }) =>
        `${from} imports ${to}, and a workflow runs ${from}: keep types only, or split the file`,
    ),
  ).toEqual([]);
});

test.each(['cli/main.ts', 'cli/commands/run.ts', 'cli/commands/runs/list.ts'])(
  '%s starts without Temporal, bundler and schema checker',
  (entry) => {
    const wrong = loadedWith([entry], ({ isLazy }) => !isLazy).filter(({ to }) =>
      HEAVY.some((heavy) => covers(heavy, to)),
    );
    expect(
      wrong.map(
        ({ from, to }) =>
          `${from} imports ${to} at start-up of ${entry}: load it with import() where it is needed`,
      ),
    ).toEqual([]);
  },
);

test('the folders import each other in one direction', () => {
  expect(cycleIn(edgesOf(IMPORTS, layerOf))).toBeUndefined();
});

test('no file imports itself by way of others, not even for a type', () => {
  expect(cycleIn(edgesOf(IMPORTS, (file) => file))).toBeUndefined();
});

test('the folders of core/ import down their list only', () => {
  const wrong = IMPORTS.filter(({ from, to }) => layerOf(from) === 'core' && coreRank(to) > coreRank(from));
  expect(wrong.map(({ from, to }) => `${from} imports ${to}, of a later folder: ${ADVICE}`)).toEqual([]);
});

test('no folder holds more than 25 files', () => {
  const counts = new Map<string, number>();
  for (const file of FILES) {
    const folder = path.posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const full = [...counts].filter(([, count]) => count > MAX_FILES_PER_FOLDER);
  expect(full.map(([folder, count]) => `${folder} holds ${count} files`)).toEqual([]);
});

test('every folder with code is a layer', () => {
  const ignored = new Set(['node_modules', 'dist', 'coverage', ...OUTSIDE]);
  const folders = readdirSync(PROJECT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !ignored.has(entry.name))
    .map(({ name }) => name);
  expect(Object.keys(LAYERS)).toEqual(expect.arrayContaining(folders));
});

test('no folder is a drawer for anything', () => {
  const names = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'lib', 'misc']);
  const folders = [...FILES, ...sourceFiles('tests')].map((file) => path.posix.dirname(file));
  expect(folders.filter((folder) => folder.split('/').some((name) => names.has(name)))).toEqual([]);
});

test('no file is longer than 300 lines', () => {
  const long = FILES.map((file) => ({
    file,
    lines: readFileSync(path.join(PROJECT, file), 'utf8').split('\n').length - 1,
  }))
    .filter(({ file, lines }) => lines > 300 && !LONG_TABLES.has(file))
    .map(({ file, lines }) => `${file} has ${lines} lines: find the second noun in it and give it a file`);
  expect(long).toEqual([]);
});

describe('ARCHITECTURE.md', () => {
  const page = readFileSync(path.join(PROJECT, 'ARCHITECTURE.md'), 'utf8');
  const namesOf = (rules: readonly string[] = []) => rules.map((rule) => rule.replace(/\/$/, '')).sort();
  const namesIn = (cell = '') => cell.split(', ').filter(Boolean).sort();

  test('has the table of imports that this test enforces', () => {
    const written = tableIn(page, 'folder').map(([name, files, types]) => [
      name,
      { files: namesIn(files), types: namesIn(types) },
    ]);
    const enforced = Object.entries(LAYERS).map(([name, { files, types }]) => [
      name,
      { files: namesOf(files).filter((file) => file !== name), types: namesOf(types) },
    ]);
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(enforced));
  });

  test('lists the folders of core/ in the order that this test enforces', () => {
    expect(tableIn(page, 'folder of core').map(([name]) => name)).toEqual(CORE_FOLDERS);
  });

  test('draws each folder once, above all folders that it imports', () => {
    const picture = pictureIn(page);
    const linesOf = (name: string) =>
      picture.flatMap((line, index) => (line.includes(` ${name}/ `) ? [index] : []));
    const wrong = Object.entries(LAYERS).flatMap(([name, { files }]) => {
      const [place, ...others] = linesOf(name);
      if (place === undefined || others.length > 0) return [`${name}/ stands ${linesOf(name).length} times`];
      return files
        .filter((file) => file.endsWith('/') && file !== `${name}/`)
        .filter((file) => (linesOf(file.slice(0, -1))[0] ?? 0) <= place)
        .map((file) => `${name}/ imports ${file} and is not above it`);
    });
    expect(wrong).toEqual([]);
  });

  test('has a glossary of at most 40 terms, in alphabetical order', () => {
    const terms = tableIn(page, 'term').map(([term]) => term as string);
    expect(terms.length).toBeGreaterThan(20);
    expect(terms.length).toBeLessThanOrEqual(40);
    expect(terms).toEqual([...terms].sort());
  });

  test('is read in ten minutes', () => {
    expect(page.split('\n').length).toBeLessThanOrEqual(220);
  });
});

describe('documents', () => {
  const DECISIONS = readdirSync(path.join(PROJECT, 'docs/decisions')).map((name) => `docs/decisions/${name}`);
  const PAGES = readdirSync(path.join(PROJECT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...PAGES, ...DECISIONS];
  const textOf = (name: string) => readFileSync(path.join(PROJECT, name), 'utf8');

  test.each(DOCUMENTS)('%s links only to files that exist', (name) => {
    const targets = fileLinksIn(textOf(name)).map((target) =>
      path.posix.join(path.posix.dirname(name), target),
    );
    expect(targets.filter((target) => !existsSync(path.join(PROJECT, target)))).toEqual([]);
  });

  test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', ...DECISIONS])(
    '%s names only files that exist',
    (name) => {
      const isOurs = (span: string) =>
        [...Object.keys(LAYERS), 'tests', 'docs'].includes(span.split('/')[0] as string);
      const named = codeSpansIn(textOf(name)).filter(
        (span) => /^[\w.-]+\/[\w./-]*$/.test(span) && isOurs(span),
      );
      expect(named.filter((span) => !existsSync(path.join(PROJECT, span)))).toEqual([]);
    },
  );

  test('docs/decisions/README.md lists every decision', () => {
    const listed = fileLinksIn(textOf('docs/decisions/README.md')).map((file) => `docs/decisions/${file}`);
    expect(listed).toEqual(DECISIONS.filter((name) => !name.endsWith('README.md')).sort());
  });
});

test('every folder of core/ is in the list', () => {
  const folders = readdirSync(path.join(PROJECT, 'core'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect([...CORE_FOLDERS].sort()).toEqual(folders.sort());
});

describe('importsIn', () => {
  test.each([
    ["import { z } from 'zod';", 'zod'],
    ["import 'zod';", 'zod'],
    ["import * as fs from 'node:fs';", 'node:fs'],
    ["import { a } from './plan.ts';", 'core/plan.ts'],
    ["import { a } from '../cli/main.ts';", 'cli/main.ts'],
    ["export { z } from 'zod';", 'zod'],
    ["export * from 'zod';", 'zod'],
    ["import type { z } from 'zod';", 'zod type'],
    ["import { type z } from 'zod';", 'zod type'],
    ["import { type z, object } from 'zod';", 'zod'],
    ["export type { z } from 'zod';", 'zod type'],
    ["type A = import('zod').ZodType;", 'zod type'],
    ["async function f() { return (await import('zod')).z; }", 'zod lazy'],
    ["const text = `import { z } from 'zod';`; // import 'pg'", undefined],
  ])('reads %s', async (source, expected) => {
    const found = await importsIn('core/x.ts', source);
    const shown = found.map(
      ({ to, isTypeOnly, isLazy }) => `${to}${isTypeOnly ? ' type' : ''}${isLazy ? ' lazy' : ''}`,
    );
    expect(shown).toEqual(expected === undefined ? [] : [expected]);
  });
});

describe('the table', () => {
  test.each([
    ['core/x.ts', "import fs from 'node:fs';"],
    ['core/x.ts', "import { createHash } from 'node:crypto';"],
    ['core/x.ts', "import type { Client } from '@temporalio/client';"],
    ['core/x.ts', "import type { Files } from '../adapters/files/files.ts';"],
    ['adapters/x.ts', "import { startRun } from '../client/submit/start-run.ts';"],
    ['adapters/x.ts', "import { x } from '../temporal-dev/server.ts';"],
    ['activities/x.ts', "import { RUN_WORKFLOW } from '../workflows/messages.ts';"],
    ['workflows/x.ts', "import { skill } from '../activities/skill.ts';"],
    ['workflows/x.ts', "import { readFiles } from '../adapters/files/files.ts';"],
    ['client/x.ts', "import type { Progress } from '../workflows/progress.ts';"],
    ['client/x.ts', "import { openState } from '../adapters/storage/state.ts';"],
    ['client/x.ts', "import { readFile } from 'node:fs/promises';"],
    ['cli/x.ts', "import { Connection } from '@temporalio/client';"],
    ['cli/x.ts', "import { run } from '../workflows/run.ts';"],
    ['cli/x.ts', "import { records } from '../tests/support/memory-records.ts';"],
    ['skills/x.ts', "import { sha256 } from '../core/values/digest.ts';"],
    ['core/x.ts', "import { z } from 'zod-like';"],
  ])('keeps %s from %s', async (file, source) => {
    expect((await importsIn(file, source)).map(isAllowed)).toEqual([false]);
  });
});

describe('cycleIn', () => {
  const edges = (...pairs: readonly [string, string][]) =>
    new Map(
      pairs.map(([from]) => [from, new Set(pairs.filter(([other]) => other === from).map(([, to]) => to))]),
    );

  test.each([
    [edges(['a', 'b'], ['b', 'c'], ['a', 'c']), undefined],
    [edges(['a', 'b'], ['b', 'c'], ['c', 'b']), ['b', 'c', 'b']],
  ])('finds a way back', (graph, expected) => {
    expect(cycleIn(graph)).toEqual(expected);
  });
});
