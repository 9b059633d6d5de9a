import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isCatalogueMissing } from '../../../adapters/marketplace/catalogue-text.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test('a catalogue that cannot be read is not missing', () => {
  const folder = tempFolder();
  const file = path.join(folder, 'catalog.json');
  expect([isCatalogueMissing(file), isCatalogueMissing(folder)]).toEqual([true, true]);
  writeFileSync(file, Buffer.from([0xff]));
  expect([isCatalogueMissing(file), isCatalogueMissing(folder)]).toEqual([false, false]);
  mkdirSync(path.join(folder, 'other/catalog.json'), { recursive: true });
  expect(isCatalogueMissing(path.join(folder, 'other'))).toBe(false);
});
