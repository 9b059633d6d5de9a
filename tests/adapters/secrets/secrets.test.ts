import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { openSecrets } from '../../../adapters/secrets/secrets.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

const FILE = 'KEY=from file\nQUOTED="a # b"\n# OFF=x\nEMPTY=\n';

function secretsWith({ env = {}, production = false, mode = 0o600 } = {}) {
  const root = tempFolder();
  writeFiles(root, { 'secrets/.env': FILE });
  chmodSync(join(root, 'secrets/.env'), mode);
  return openSecrets({ root, env, production });
}

test.each([
  ['KEY', 'from file'],
  ['QUOTED', 'a # b'],
  ['OFF', undefined],
  ['EMPTY', undefined],
  ['NONE', undefined],
])('%s is %j', (name, expected) => {
  expect(secretsWith()(name)).toBe(expected);
});

test('the environment comes first', () => {
  expect(secretsWith({ env: { KEY: 'from environment' } })('KEY')).toBe('from environment');
  expect(secretsWith({ env: { KEY: '' } })('KEY')).toBe('from file');
});

test('there need be no file', () => {
  const secret = openSecrets({ root: tempFolder(), env: { KEY: 'x' }, production: true });
  expect([secret('KEY'), secret('NONE')]).toEqual(['x', undefined]);
});

test('in production a file that others may read is not used', () => {
  expect(secretsWith({ production: true, mode: 0o644 })('KEY')).toBeUndefined();
  expect(secretsWith({ production: true })('KEY')).toBe('from file');
});
