import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { openRoutingIndex } from '../../../adapters/catalog/routing-index-file.ts';
import type { Catalogs } from '../../../core/skills/catalog.ts';
import type { RoutingIndex } from '../../../core/routing/routing-index.ts';
import { compositionDigest } from '../../../core/skills/composition.ts';
import { COMPOSED_ENTRYPOINT } from '../../../core/skills/manifest.ts';
import { aComposition } from '../../support/builders.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

function addSkill(root: string, name: string, description = `Does ${name}`): void {
  const folder = path.join(root, 'metadata/ops');
  mkdirSync(folder, { recursive: true });
  const entrypoint = `implementations.ops.${name}:run`;
  const lines = [`id: ops/${name}`, `name: ${name}`, `description: ${description}`, 'version: 1.0.0'];
  writeFileSync(path.join(folder, `${name}.yaml`), [...lines, `entrypoint: ${entrypoint}`, ''].join('\n'));
}

interface Opening {
  readonly root: string;
  readonly cacheDir: string;
}

/** What `openRoutingIndex` gives, and how often it had all manifests read. */
async function open({ root, cacheDir }: Opening): Promise<{ index: RoutingIndex; loads: number }> {
  let loads = 0;
  const catalog = openCatalog(root);
  const load: Catalogs['load'] = () => {
    loads++;
    return catalog.load();
  };
  return { index: await openRoutingIndex({ catalogs: { ...catalog, load }, root, cacheDir }), loads };
}

function aRoot(): Opening {
  const root = tempFolder();
  addSkill(root, 'first');
  return { root, cacheDir: path.join(tempFolder(), 'cache') };
}

/** As another process meets it: with the file of this one, and nothing in memory. */
function elsewhere({ root, cacheDir }: Opening): Opening & { readonly file: string } {
  const copy = path.join(tempFolder(), 'cache');
  cpSync(cacheDir, copy, { recursive: true });
  return { root, cacheDir: copy, file: cacheFile(copy) };
}

function cacheFile(cacheDir: string): string {
  const folder = path.join(cacheDir, 'routing');
  const names = readdirSync(folder);
  expect(names).toHaveLength(1);
  return path.join(folder, names[0] as string);
}

const ids = (index: RoutingIndex): string[] => index.skills.map(({ id }) => id);

describe('openRoutingIndex', () => {
  test('has a composition once it is active', async () => {
    const here = aRoot();
    const write = (file: string, text: string) => writeFiles(here.root, { [file]: text });
    addSkill(here.root, 'both');
    const manifest = readFileSync(path.join(here.root, 'metadata/ops/both.yaml'), 'utf8');
    write('metadata/ops/both.yaml', manifest.replace(/entrypoint: .*/, `entrypoint: ${COMPOSED_ENTRYPOINT}`));
    const composition = aComposition('ops/both', { steps: ['ops/first'] });
    write('compositions/ops/both.json', JSON.stringify(composition));
    expect(ids((await open(here)).index)).toEqual(['ops/first']);
    const activated = { digest: compositionDigest(composition), at: '2026-01-02T03:04:05Z', by: 'ann' };
    write('compositions/ops/both.json', JSON.stringify({ ...composition, active: true, activated }));
    expect(ids((await open(here)).index)).toEqual(['ops/both', 'ops/first']);
  });

  test('writes one private file below the cache folder', async () => {
    const here = aRoot();
    await open(here);
    expect(statSync(cacheFile(here.cacheDir)).mode & 0o777).toBe(0o600);
  });

  test('gives the same index while no manifest changed', async () => {
    const here = aRoot();
    const { index } = await open(here);
    const again = await open(here);
    expect(again.index).toBe(index);
    expect(again.loads).toBe(0);
  });

  test('sees an added, an edited and a removed skill', async () => {
    const here = aRoot();
    const { index } = await open(here);
    addSkill(here.root, 'second');
    expect(ids((await open(here)).index)).toEqual(['ops/first', 'ops/second']);
    addSkill(here.root, 'first', 'Something else altogether');
    rmSync(path.join(here.root, 'metadata/ops/second.yaml'));
    const edited = (await open(here)).index;
    expect(ids(edited)).toEqual(['ops/first']);
    expect(edited.profileWords.vocabulary).not.toEqual(index.profileWords.vocabulary);
  });

  test('takes the file of another process without reading a manifest', async () => {
    const here = aRoot();
    const { index } = await open(here);
    const there = await open(elsewhere(here));
    expect(there.loads).toBe(0);
    expect(there.index).toEqual(index);
  });

  test.each([
    ['is empty', (): Uint8Array => new Uint8Array()],
    ['is cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 8)],
    [
      'has a flipped bit',
      (bytes: Buffer) => bytes.map((byte, at) => (at === bytes.length - 5 ? byte ^ 4 : byte)),
    ],
    ['is something else', (): Uint8Array => Buffer.from('{"not": "an index"}')],
    ['is of another catalog', (bytes: Buffer) => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte))],
  ])('builds the index again and replaces the cache if the file %s', async (_, spoil) => {
    const here = aRoot();
    await open(here);
    const there = elsewhere(here);
    const whole = readFileSync(there.file);
    writeFileSync(there.file, spoil(whole));
    const { index, loads } = await open(there);
    expect(ids(index)).toEqual(['ops/first']);
    expect(loads).toBe(1);
    expect(readFileSync(there.file)).toEqual(whole);
  });

  test('answers where the cache cannot be written', async () => {
    const { root } = aRoot();
    const cacheDir = path.join(root, 'metadata/ops/first.yaml');
    expect(ids((await open({ root, cacheDir })).index)).toEqual(['ops/first']);
  });
});
