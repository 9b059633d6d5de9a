import { existsSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { collectableBundles, hasBundle, saveBundle } from '../../../adapters/skill-code/bundle-store.ts';
import { withLock } from '../../../adapters/files/lock.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const META = { export: 'run', entry: 'a.ts', skill: 'a/b', version: '1.0.0' };
const old = new Date(Date.now() - 40 * 86_400_000);

let folder = '';

beforeEach(() => {
  folder = path.join(tempFolder(), 'bundles');
});

const removeOld = () => collectableBundles(folder).removeUnused(Date.now() - 30 * 86_400_000, false);

test('removes an old bundle, and what a killed removal has left of one', async () => {
  const [whole, half, young] = [
    await saveBundle(folder, 'one', META),
    await saveBundle(folder, 'two', META),
    await saveBundle(folder, 'three', META),
  ];
  rmSync(path.join(folder, `${half}.mjs`));
  for (const file of [`${whole}.mjs`, `${half}.json`]) utimesSync(path.join(folder, file), old, old);
  await expect(removeOld()).resolves.toMatchObject({ items: 2 });
  const left = readdirSync(folder).filter((name) => !name.startsWith('.'));
  expect(left.sort()).toEqual([`${young}.json`, `${young}.mjs`]);
});

test('is not stored while a removal takes its files', async () => {
  const hash = await saveBundle(folder, 'one', META);
  const file = path.join(folder, `${hash}.mjs`);
  let saving: Promise<string> | undefined;
  await withLock(path.join(folder, '.locks', `${hash}.mjs`), async () => {
    rmSync(file);
    saving = saveBundle(folder, 'one', META);
    rmSync(path.join(folder, `${hash}.json`));
    await saveBundle(folder, 'two', META); // another bundle does not wait
    expect(existsSync(file)).toBe(false);
  });
  await saving;
  expect(hasBundle(folder, hash)).toBe(true);
});
