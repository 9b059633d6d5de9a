import { rmSync } from 'node:fs';
import path from 'node:path';
import { openConnectorFiles } from '../../../adapters/connectors/connector-files.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

const weather = (host: string) => `id: weather\nbase_url: https://${host}\n`;

test('reads YAML and JSON at any depth', () => {
  const root = tempFolder();
  writeFiles(root, {
    'connectors/weather.yaml': weather('a.example'),
    'connectors/data/db.json': '{"id":"db","type":"sql"}',
    'connectors/notes.txt': 'none',
  });
  const { specs, findings } = openConnectorFiles(root)();
  expect([[...specs.keys()].sort(), findings]).toEqual([['db', 'weather'], []]);
});

test('a root without connectors has none', () => {
  expect(openConnectorFiles(tempFolder())().specs.size).toBe(0);
});

test('a broken file breaks its connector alone', () => {
  const root = tempFolder();
  writeFiles(root, {
    'connectors/weather.yaml': weather('a.example'),
    'connectors/broken.yaml': 'id: [',
    'connectors/wrong.yaml': 'id: wrong\nbase_url: file:///etc/passwd\n',
  });
  const { specs, findings } = openConnectorFiles(root)();
  expect([...specs.keys()]).toEqual(['weather']);
  expect(findings.map(({ file, field }) => [file, field])).toEqual([
    ['connectors/broken.yaml', undefined],
    ['connectors/wrong.yaml', 'base_url'],
  ]);
});

test('an edit counts for the next call, and without one the set is the same', () => {
  const root = tempFolder();
  const file = 'connectors/weather.yaml';
  writeFiles(root, { [file]: weather('a.example'), 'connectors/other.yaml': 'id: other\ntype: sql\n' });
  const read = openConnectorFiles(root);
  const first = read();
  expect(read()).toBe(first);
  writeFiles(root, { [file]: weather('longer.example') });
  const second = read();
  expect(second.specs.get('weather')).toMatchObject({ baseUrl: 'https://longer.example' });
  expect(second.specs.get('other')).toBe(first.specs.get('other'));
  rmSync(path.join(root, file));
  expect([...read().specs.keys()]).toEqual(['other']);
});
