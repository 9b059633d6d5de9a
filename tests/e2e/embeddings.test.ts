/** Embedding models, the real one and some that misbehave, through the built program. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUNTIMES_HERE, modelFiles, modelId } from '../../adapters/embeddings/model-files.ts';
import { cacheFolder } from '../../adapters/machine/local-folders.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { serveBuilt } from '../support/built-server.ts';
import { eventually } from '../support/eventually.ts';
import { httpServer } from '../support/http-server.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { skillos, startSkillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const KEY = 'sk-very-secret';
const QUERY = 'somewhere to sleep in Sochi';
const [RUNTIME] = RUNTIMES_HERE;
const MODEL_ID = modelId(RUNTIME);
const PATH = process.env['PATH'] ?? '';
const root = tempFolder();
cpSync(path.join(import.meta.dirname, '../../skills/metadata'), path.join(root, 'metadata'), {
  recursive: true,
});

type Answer = (response: ServerResponse, texts: readonly string[]) => void;
const list = (texts: readonly string[], vectorOf: (text: string) => string) =>
  `{"data":[${texts.map((text, index) => `{"index":${index},"embedding":${vectorOf(text)}}`).join()}]}`;

const HOSTILE: Readonly<Record<string, Answer>> = {
  silent: () => undefined,
  error: (response) => void response.writeHead(500).end(KEY),
  nan: (response, texts) => void response.end(list(texts, () => '[NaN,1]')),
  infinite: (response, texts) => void response.end(list(texts, () => '[1e999,1]')),
  uneven: (response, texts) =>
    void response.end(list(texts, (text) => (text === QUERY ? '[1,2]' : '[1,2,3]'))),
  huge: (response, texts) => void response.end(list(texts, () => `[${'1,'.repeat(5_000_000)}1]`)),
};

test(
  'a hostile server changes nothing but that words alone decide, and says so once',
  async () => {
    await using server = await httpServer((request, response) => {
      const { input } = JSON.parse(String(server.requests.at(-1)?.body)) as { input: readonly string[] };
      HOSTILE[request.url?.split('/')[1] ?? '']?.(response, input);
    });
    const run = (env: Readonly<Record<string, string>>) =>
      skillos(['run', QUERY, '--json', '--root', root], {
        env: { PATH, SKILLOS_CACHE_DIR: tempFolder(), ...env },
      });
    const byWords = await run({});
    expect(byWords.stderr).not.toContain('words alone');
    for (const kind of Object.keys(HOSTILE)) {
      const { code, stdout, stderr } = await run({
        SKILLOS_EMBEDDINGS_URL: `${server.url}/${kind}`,
        SKILLOS_EMBEDDINGS_MODEL: 'm',
        SKILLOS_EMBEDDINGS_API_KEY: KEY,
      });
      expect({ kind, code, stdout }).toEqual({ kind, code: byWords.code, stdout: byWords.stdout });
      expect([kind, stderr.match(/routing by words alone/g)?.length]).toEqual([kind, 1]);
      expect(stderr).not.toContain(KEY);
    }
  },
  PROCESSES_TIMEOUT_MS,
);

test(
  'the API routes many queries by words while a server gives no vector of them',
  async () => {
    await using server = await httpServer((request, response) => {
      const { input } = JSON.parse(String(server.requests.at(-1)?.body)) as { input: readonly string[] };
      const answer = input[0] === QUERY ? HOSTILE[request.url?.split('/')[1] ?? ''] : undefined;
      if (answer) answer(response, input);
      else response.end(list(input, () => '[1,2,3]'));
    });
    const byWords = await skillos(['run', QUERY, '--json', '--root', root], {
      env: { PATH, SKILLOS_CACHE_DIR: tempFolder() },
    });
    const { routing } = JSON.parse(byWords.stdout) as { routing: object };
    await Promise.all(
      ['silent', 'nan', 'huge'].map(async (kind) => {
        const api = await serveBuilt({
          PATH,
          SKILLOS_ROOT: root,
          SKILLOS_CACHE_DIR: tempFolder(),
          SKILLOS_EMBEDDINGS_URL: `${server.url}/${kind}`,
          SKILLOS_EMBEDDINGS_MODEL: 'm',
        });
        const ask = (query: string) => api.post('/run', { query });
        await eventually(async () =>
          expect(JSON.stringify((await ask('a room')).body)).toContain('similar in meaning'),
        );
        const replies = await Promise.all(Array.from({ length: 20 }, () => ask(QUERY)));
        for (const reply of replies)
          expect([kind, reply]).toMatchObject([kind, { status: 200, body: { routing } }]);
        await api.process.until('stderr', /routing by words alone/);
        await api.close();
      }),
    );
  },
  PROCESSES_TIMEOUT_MS,
);

test('nothing of embeddings is loaded while they are off', async () => {
  const loadedWith = async (env: Readonly<Record<string, string>>) => {
    const coverage = tempFolder();
    await skillos(['run', QUERY, '--root', root], {
      env: { PATH, SKILLOS_CACHE_DIR: tempFolder(), NODE_V8_COVERAGE: coverage, ...env },
    });
    const reports = readdirSync(coverage).map((name) => readFileSync(path.join(coverage, name), 'utf8'));
    const urls = reports.flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result);
    const files = urls.filter(({ url }) => url.startsWith('file:')).map(({ url }) => fileURLToPath(url));
    return files.filter((file) => readFileSync(file, 'utf8').includes('The embedding model took more than'));
  };
  expect(await loadedWith({})).toEqual([]);
  expect(await loadedWith({ SKILLOS_EMBEDDINGS: 'local' })).toHaveLength(1);
});

test(
  'an installation that was killed does not count, and the next one removes what it left',
  async () => {
    const [cache, from] = [tempFolder(), tempFolder()];
    const models = path.join(cache, 'models');
    const [first, second, ...others] = modelFiles(RUNTIME).map(({ name }) => name) as [
      string,
      string,
      ...string[],
    ];
    for (const name of [first, ...others]) writeFileSync(path.join(from, name), 'other');
    execFileSync('sh', ['-c', 'mkfifo "$0"', path.join(from, second)]); // reading it waits for a writer
    const env = { PATH, SKILLOS_CACHE_DIR: cache };
    const installing = startSkillos(['models', 'install', '--from', from], { env });
    const staged = () =>
      readdirSync(models).filter((name) => existsSync(path.join(models, name, first)) && name !== MODEL_ID);
    await eventually(() => expect(staged()).toHaveLength(1));
    installing.signal('SIGKILL');
    await installing.ended;
    expect(existsSync(path.join(models, MODEL_ID))).toBe(false);

    execFileSync('rm', [path.join(from, second)]);
    writeFileSync(path.join(from, second), 'other');
    const again = await skillos(['models', 'install', '--from', from], { env });
    expect(again.code).not.toBe(0);
    expect(again.stderr).toContain(`"${first}" has another SHA-256 than expected`);
    expect([staged(), existsSync(path.join(models, MODEL_ID))]).toEqual([[], false]);
  },
  PROCESSES_TIMEOUT_MS,
);

test(
  'the local model is installed from its registries, and finds a skill that shares no word with the query',
  async () => {
    const cache = cacheFolder(parseConfig(process.env), process.env);
    const installed = await skillos(['models', 'install'], {
      env: { ...process.env, SKILLOS_CACHE_DIR: cache },
      timeoutMs: PROCESSES_TIMEOUT_MS,
    });
    expect(installed.code).toBe(0);
    const env = { PATH, SKILLOS_CACHE_DIR: tempFolder() };
    cpSync(path.join(cache, 'models', MODEL_ID), path.join(env.SKILLOS_CACHE_DIR, 'models', MODEL_ID), {
      recursive: true,
    });
    const run = (more: Readonly<Record<string, string>> = {}) =>
      skillos(['run', 'who may log in here', '--explain', '--root', root], { env: { ...env, ...more } });
    const local = { SKILLOS_EMBEDDINGS: 'local' };
    expect((await run()).stdout).toContain('admin/list_records');
    const first = await run(local);
    expect(first.stdout).toMatch(/^admin\/list_users\n[^]*^ {2}similarity in meaning 0\.\d\d$/m);
    expect(first.stderr).toMatch(/^embedding \d+ skills$/m);
    const again = await run(local);
    expect([again.stdout, again.stderr]).toEqual([first.stdout, expect.not.stringContaining('embedding')]);

    if (RUNTIME === 'library') await expectUnloadable({ ...env, ...local });

    writeFileSync(path.join(env.SKILLOS_CACHE_DIR, 'models', MODEL_ID, 'model.onnx'), 'damaged');
    const damaged = await run(local);
    expect([damaged.stdout, damaged.stderr]).toEqual([
      (await run()).stdout,
      expect.stringContaining('routing by words alone'),
    ]);
  },
  PROCESSES_TIMEOUT_MS,
);

/** The system finds an empty file in place of a library that the library of the model needs. */
async function expectUnloadable(settings: Readonly<Record<string, string>>): Promise<void> {
  const doctor = async (more: Readonly<Record<string, string>>) => {
    const { stdout } = await skillos(['doctor', '--json', '--root', root], { env: { ...settings, ...more } });
    const { checks } = JSON.parse(stdout) as { checks: readonly { check: string }[] };
    return checks.find(({ check }) => check === 'embeddings');
  };
  const LD_LIBRARY_PATH = tempFolder();
  writeFileSync(path.join(LD_LIBRARY_PATH, 'libonnxruntime.so.1'), '');
  expect(await doctor({})).toMatchObject({ problems: [] });
  expect(await doctor({ LD_LIBRARY_PATH })).toMatchObject({
    problems: [
      {
        message: expect.stringMatching(
          /by words alone.*cannot be loaded: .*libonnxruntime\.so\.1: file too short/,
        ),
        remedy: expect.stringContaining('noexec'),
      },
    ],
  });
  const asked = await skillos(['run', 'who may log in here', '--root', root], {
    env: { ...settings, LD_LIBRARY_PATH },
  });
  expect(asked.stderr).toMatch(/cannot be loaded: .*file too short.*routing by words alone/);
}
