import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { openRoutingIndex } from '../../../adapters/catalog/routing-index-file.ts';
import { openEmbeddings } from '../../../adapters/embeddings/embeddings.ts';
import type { Embedder } from '../../../core/routing/embedder.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { wordEmbedder } from '../../support/word-embedder.ts';
import { aManifest, writeFiles } from '../../support/write-files.ts';

function aRoot(): string {
  const root = tempFolder();
  writeFiles(root, {
    'metadata/a/hotels.yaml': aManifest(
      'a/hotels',
      'examples: [a room for two nights, somewhere to sleep]\n',
    ),
    'metadata/a/flights.yaml': aManifest('a/flights'),
  });
  return root;
}

async function open(
  embedder: Embedder,
  { root = aRoot(), cacheDir = tempFolder(), patienceMs = 10_000 } = {},
) {
  const catalogs = openCatalog(root);
  const warnings: string[] = [];
  const builds: number[] = [];
  const embeddings = openEmbeddings({
    catalogs,
    root,
    cacheDir,
    embedder,
    patienceMs,
    onBuild: (skills) => builds.push(skills),
    onFallback: (message) => warnings.push(message),
  });
  const index = await openRoutingIndex({ catalogs, root, cacheDir });
  const closest = async (text: string) => {
    const found = await embeddings.similarityTo(index, text);
    if (found === undefined) return undefined;
    return index.skills[found.indexOf(Math.max(...found))]?.id;
  };
  return { root, cacheDir, warnings, builds, closest };
}

test('finds the skill with the most similar example, and asks once for a query', async () => {
  const asked: (readonly string[])[] = [];
  const { closest, warnings, builds } = await open(wordEmbedder(asked));
  expect(await closest('somewhere nice to sleep')).toBe('a/hotels');
  const calls = asked.length;
  expect(await closest('somewhere nice to sleep')).toBe('a/hotels');
  expect([asked.length, warnings, builds]).toEqual([calls, [], [2]]);
  expect(asked.every((texts) => texts.length <= 4)).toBe(true);
});

test('embeds only skills whose content has changed, and forgets the others', async () => {
  const { root, cacheDir, closest } = await open(wordEmbedder());
  await closest('x');
  writeFiles(root, { 'metadata/a/flights.yaml': aManifest('a/flights', 'examples: [by plane]\n') });
  const second = await open(wordEmbedder(), { root, cacheDir });
  expect([await second.closest('by plane'), second.builds]).toEqual(['a/flights', [1]]);
  const third = await open(wordEmbedder(), { root, cacheDir });
  expect([await third.closest('by plane'), third.builds]).toEqual(['a/flights', []]);
  const [file = ''] = readdirSync(path.join(cacheDir, 'embeddings'));
  const target = path.join(cacheDir, 'embeddings', file);
  writeFileSync(target, readFileSync(target).subarray(0, -5));
  const fourth = await open(wordEmbedder(), { root, cacheDir });
  expect([await fourth.closest('by plane'), fourth.builds]).toEqual(['a/flights', [2]]);
});

test('keeps one vector for each skill of a catalog with too many texts', async () => {
  const root = aRoot();
  const examples = Array.from({ length: 130 }, (_, at) => `a place to sleep ${at}`);
  writeFiles(root, {
    'metadata/a/hotels.yaml': aManifest('a/hotels', `examples: [${examples.join(', ')}]\n`),
  });
  const [sleep, other] = [0, 1].map((at) => new Float32Array(2 ** 19).fill(1, at, at + 1));
  const asked: string[] = [];
  const embed: Embedder['embed'] = async (texts) => {
    asked.push(...texts);
    return texts.map((text) => (text.includes('sleep') ? sleep : other) as Float32Array);
  };
  const model = wordEmbedder([], { embed });
  const { cacheDir, closest, warnings, builds } = await open(model, { root });
  expect([await closest('sleep'), warnings, builds]).toEqual(['a/hotels', [], [2]]);
  asked.length = 0;
  const again = await open(model, { root, cacheDir });
  expect([await again.closest('sleep'), again.builds, asked]).toEqual(['a/hotels', [], ['sleep']]);
});

test('does not mix the vectors of two models', async () => {
  const { root, cacheDir, closest } = await open(wordEmbedder());
  await closest('x');
  const other = await open(wordEmbedder([], { id: 'others' }), { root, cacheDir });
  expect([await other.closest('sleep'), other.builds]).toEqual(['a/hotels', [2]]);
});

test.each<[string, Embedder['embed']]>([
  ['rejects', () => Promise.reject(new TypeError('sk-secret'))],
  ['never answers', () => new Promise(() => undefined)],
  ['has other dimensions', async (texts) => texts.map(() => Float32Array.of(1))],
])('leaves routing to words, with one warning, if the model %s', async (_, embed) => {
  const words = wordEmbedder();
  const isQuery = (texts: readonly string[]) => texts[0]?.startsWith('query') === true;
  let calls = 0;
  const { closest, warnings } = await open({
    ...words,
    embed: (texts, signal) => {
      if (!isQuery(texts)) return words.embed(texts, signal);
      calls++;
      return embed(texts, signal);
    },
  });
  expect([await closest('query one'), await closest('query two')]).toEqual([undefined, undefined]);
  expect([calls, warnings.length]).toEqual([1, 1]); // it rests after a failure
  expect(warnings.join()).not.toContain('secret');
});

test.each<[string, Embedder['embed']]>([
  ['is silent', () => new Promise(() => undefined)],
  ['is away', () => Promise.reject(new Error('away'))],
])('asks once and embeds no skill if the model %s from the beginning', async (_, embed) => {
  const asked: (readonly string[])[] = [];
  const { closest, warnings, builds } = await open(
    wordEmbedder([], { embed: (texts, signal) => (asked.push(texts), embed(texts, signal)) }),
  );
  expect([await closest('one'), await closest('two')]).toEqual([undefined, undefined]);
  expect([asked, builds, warnings.length]).toEqual([[['one']], [], 1]);
});

test('keeps no vectors of a model whose skills have vectors of two lengths', async () => {
  const words = wordEmbedder();
  const embed: Embedder['embed'] = async (texts, signal) =>
    texts[0] === 'somewhere to sleep' ? [Float32Array.of(1)] : words.embed(texts, signal);
  const { root, cacheDir, closest, warnings } = await open({ ...words, maxTexts: 1, embed });
  expect(await closest('a room')).toBeUndefined();
  expect(warnings).toEqual([expect.stringContaining('vectors of ')]);
  const again = await open(words, { root, cacheDir });
  expect([await again.closest('somewhere to sleep'), again.builds]).toEqual(['a/hotels', [2]]);
});

test('does not ask a model about a text that it does not understand', async () => {
  const asked: (readonly string[])[] = [];
  const { closest, warnings } = await open(wordEmbedder(asked, { understands: (text) => text !== 'готель' }));
  expect([await closest('готель'), asked, warnings]).toEqual([undefined, [], []]);
});

test('does not wait for a model that takes long to load', async () => {
  const { closest } = await open(wordEmbedder([], { embed: () => new Promise(() => undefined) }), {
    patienceMs: 0,
  });
  expect(await closest('x')).toBeUndefined();
});
