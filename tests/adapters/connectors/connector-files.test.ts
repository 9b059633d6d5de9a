import { mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { openConnectorFiles } from '../../../adapters/connectors/connector-files.ts';
import { eventually } from '../../support/eventually.ts';
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

describe('a root that has not changed for a while', () => {
  const FILE = 'connectors/weather.yaml';
  const edits: readonly [string, (root: string) => void, readonly string[]][] = [
    [
      'a text of the same length',
      (root) => writeFiles(root, { [FILE]: weather('b.example') }),
      ['b.example'],
    ],
    [
      'a file renamed over it',
      (root) => {
        writeFiles(root, { 'new.yaml': weather('b.example') });
        renameSync(path.join(root, 'new.yaml'), path.join(root, FILE));
      },
      ['b.example'],
    ],
    [
      'a file in an inner folder',
      (root) =>
        writeFiles(root, { 'connectors/inner/other.yaml': 'id: other\nbase_url: https://b.example\n' }),
      ['a.example', 'b.example'],
    ],
    ['no folder', (root) => rmSync(path.join(root, 'connectors'), { recursive: true }), []],
    ['another root', (root) => (rmSync(root), symlinkSync(rootWith('b.example'), root)), ['b.example']],
  ];

  function rootWith(host: string): string {
    const root = tempFolder();
    writeFiles(root, { [FILE]: weather(host) });
    mkdirSync(path.join(root, 'connectors/inner'));
    return root;
  }

  test.each(edits)('%s counts for the next call', async (_name, edit, hosts) => {
    const folder = rootWith('a.example');
    const root = path.join(tempFolder(), 'link');
    symlinkSync(folder, root);
    const { ctimeMs } = statSync(path.join(folder, 'connectors'));
    await eventually(async () => expect(Date.now() - ctimeMs).toBeGreaterThan(100));
    const read = openConnectorFiles(root);
    expect(read()).toBe(read());
    edit(root);
    const { specs } = read();
    const found = [...specs.values()].map((spec) => ('baseUrl' in spec ? spec.baseUrl : ''));
    expect(new Set(found)).toEqual(new Set(hosts.map((host) => `https://${host}`)));
  });
});
