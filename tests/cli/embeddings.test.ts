import { cpSync } from 'node:fs';
import path from 'node:path';
import { runCli } from '../support/run-cli.ts';
import { httpServer } from '../support/http-server.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { wordVector } from '../support/word-embedder.ts';

const KEY = 'sk-very-secret';
let root: string;

beforeAll(() => {
  root = tempFolder();
  cpSync(path.join(import.meta.dirname, '../../skills/metadata'), path.join(root, 'metadata'), {
    recursive: true,
  });
});

const run = (env: Readonly<Record<string, string>>) =>
  runCli(['run', 'somewhere to sleep in Sochi', '--json', '--root', root], {
    env: { PATH: process.env['PATH'] ?? '', SKILLOS_CACHE_DIR: tempFolder(), ...env },
  });

test('routing asks the server of the settings, and goes on by words without it', async () => {
  await using server = await httpServer((_, response) => {
    const { input } = JSON.parse(String(server.requests.at(-1)?.body)) as { input: readonly string[] };
    const data = input.map((text, index) => ({ index, embedding: wordVector(text) }));
    response.end(JSON.stringify({ data }));
  });
  const env = {
    SKILLOS_EMBEDDINGS_URL: `${server.url}/v1`,
    SKILLOS_EMBEDDINGS_MODEL: 'words',
    SKILLOS_EMBEDDINGS_API_KEY: KEY,
  };
  const [byWords, asked] = [await run({}), await run(env)];
  expect([0, 8]).toContain(asked.code); // routed, or with low confidence
  expect(asked.stdout).toContain('similar in meaning: ');
  expect(asked.stderr).toMatch(/embedding \d+ skills/);
  expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);

  const away = await run({ ...env, SKILLOS_EMBEDDINGS_URL: 'http://127.0.0.1:1/v1' });
  expect([away.code, away.stdout]).toEqual([byWords.code, byWords.stdout]);
  expect(away.stderr.match(/routing by words alone/g)).toHaveLength(1);
  expect(`${asked.stdout}${asked.stderr}${away.stderr}`).not.toContain(KEY);
});

test('the local model is named with its command while it is not installed', async () => {
  const [byWords, local] = [await run({}), await run({ SKILLOS_EMBEDDINGS: 'local' })];
  expect([local.code, local.stdout]).toEqual([byWords.code, byWords.stdout]);
  expect(local.stderr).toMatch(/is not installed.*skillos models install.*; routing by words alone/);
});
