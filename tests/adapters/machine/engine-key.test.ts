import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {
  engineKey,
  knownServerKey,
  serverKeyOf,
  withEngineKey,
} from '../../../adapters/machine/engine-key.ts';
import { engineFolder } from '../../../adapters/machine/local-folders.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { bundledScript, spawnLines } from '../../support/processes.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const EXPLICIT = 'a server key of at least thirty-two bytes';

let env: Record<string, string>;
let folder: string;
let file: string;

beforeEach(() => {
  env = { SKILLOS_ROOT: tempFolder(), SKILLOS_STATE_DIR: tempFolder() };
  folder = engineFolder(parseConfig(env), env, env['SKILLOS_ROOT'] as string);
  file = path.join(folder, 'server.key');
});

describe('engineKey', () => {
  test('makes a key once, which only the user can read, and leaves nothing else', () => {
    const key = engineKey(folder);

    expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(engineKey(folder)).toBe(key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual(['server.key']);
  });

  test('makes one key for processes that make it at the same time', async () => {
    const script = await bundledScript(new URL('../../support/engine-key-process.ts', import.meta.url));
    const made = Array.from({ length: 5 }, () => spawnLines(process.execPath, [script, folder]));
    await Promise.all(made.map(({ ended }) => ended));

    expect(new Set(made.flatMap(({ lines }) => lines))).toEqual(new Set([engineKey(folder)]));
  });

  test.each([
    ['that others may read', () => chmodSync(file, 0o640)],
    ['that is damaged', () => writeFileSync(file, 'short')],
  ])('refuses a key %s, and does not replace it', (_what, damage) => {
    engineKey(folder);
    damage();
    const before = readFileSync(file, 'utf8');

    expect(() => engineKey(folder)).toThrow(expect.objectContaining({ code: 'state_corrupt' }));
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('follows no link', () => {
    const elsewhere = path.join(tempFolder(), 'key');
    writeFileSync(elsewhere, engineKey(tempFolder()));
    mkdirSync(folder, { recursive: true });
    symlinkSync(elsewhere, file);

    expect(() => engineKey(folder)).toThrow(expect.objectContaining({ code: 'state_corrupt' }));
  });
});

describe('serverKeyOf', () => {
  const keyOf = (more: Readonly<Record<string, string>> = {}) => {
    const all = { ...env, ...more };
    return { make: serverKeyOf(parseConfig(all), all), known: () => knownServerKey(parseConfig(all), all) };
  };

  test('is the key of the local engine, made when something is signed', () => {
    const { make, known } = keyOf();

    expect([existsSync(file), known()]).toEqual([false, undefined]);
    const key = make?.();
    expect([known(), engineKey(folder)]).toEqual([key, key]);
  });

  test.each([{}, { TEMPORAL_ADDRESS: 'localhost:7233' }, { SKILLOS_ENV: 'production' }])(
    'is the setting, with %j',
    (more) => {
      const { make, known } = keyOf({ ...more, SKILLOS_SERVER_KEY: EXPLICIT });

      expect([make?.(), known()]).toEqual([EXPLICIT, EXPLICIT]);
      expect(existsSync(file)).toBe(false);
    },
  );

  test.each([{ TEMPORAL_ADDRESS: 'localhost:7233' }, { SKILLOS_ENV: 'production' }])(
    'is missing without the setting, with %j',
    (more) => {
      const { make, known } = keyOf(more);

      expect([make, known()]).toEqual([undefined, undefined]);
    },
  );
});

test('withEngineKey adds the key, unless the environment has one', () => {
  expect(withEngineKey({ SKILLOS_SERVER_KEY: EXPLICIT }, folder)).toEqual({ SKILLOS_SERVER_KEY: EXPLICIT });
  expect(withEngineKey({ A: 'b', SKILLOS_SERVER_KEY: '' }, folder)).toEqual({
    A: 'b',
    SKILLOS_SERVER_KEY: engineKey(folder),
  });
});
