import type { Catalog, Finding } from '../../core/skills/catalog.ts';
import { openCatalog } from '../../adapters/catalog/catalog.ts';
import { withCode } from '../../adapters/skill-code/code-watch.ts';
import { changesBetween, watchCatalog } from '../../temporal-dev/catalog-watch.ts';
import { aSkill } from '../support/builders.ts';
import { until } from '../support/eventually.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

const finding: Finding = {
  severity: 'error',
  rule: 'unknown_field',
  file: 'metadata/a/x.yaml',
  line: 3,
  field: 'retry.backoff',
  message: 'expected a number',
};

function aCatalog(
  version: string,
  skills: readonly ReturnType<typeof aSkill>[],
  findings: readonly Finding[] = [],
): Catalog {
  return { version, skills: new Map(skills.map((skill) => [skill.id, skill])), findings };
}

describe('changesBetween', () => {
  test('names what was added, changed and removed, and findings that are new', () => {
    const before = aCatalog('1', [aSkill('a/gone'), aSkill('a/same'), aSkill('a/edited')], [finding]);
    const after = aCatalog(
      '2',
      [aSkill('a/edited', { description: 'Other' }), aSkill('a/new'), aSkill('a/same')],
      [finding, { severity: 'warning', rule: 'r', file: 'metadata/a/y.yaml', message: 'm' }],
    );

    expect(changesBetween(before, after)).toEqual([
      'changed: a/edited',
      'removed: a/gone',
      'added: a/new',
      'warning: metadata/a/y.yaml: m',
    ]);
  });
});

describe('watchCatalog', () => {
  test('tells what is wrong at first, then each edit', async () => {
    let current = aCatalog('1', [], [finding]);
    const lines: string[] = [];
    const catalogs = {
      load: async () => current,
      fingerprint: async () => current.version,
      find: async () => undefined,
    };
    const unwatch = await watchCatalog(catalogs, (line) => lines.push(line));
    current = aCatalog('2', [aSkill('a/new')]);
    await until(() => lines.length === 2);
    unwatch();

    expect(lines).toEqual(['error: metadata/a/x.yaml:3:retry.backoff: expected a number', 'added: a/new']);
  });
});

test('a saved file that does not compile is reported with its place', async () => {
  const root = tempFolder();
  writeFiles(root, {
    'metadata/a/b.yaml': aManifest('a/b'),
    'implementations/a/b.ts': "import { x } from './part.ts';\nexport const run = () => x;\n",
    'implementations/a/part.ts': 'export const x = 1;\n',
  });
  const lines: string[] = [];
  const unwatch = await watchCatalog(withCode(openCatalog(root), root), (line) => lines.push(line));
  writeFiles(root, { 'implementations/a/part.ts': 'export const x = ;\n' });
  await until(() => lines.length === 1);
  unwatch();

  expect(lines[0]).toMatch(/^error: metadata\/a\/b.yaml:entrypoint: implementations\/a\/part.ts:1:18: /);
});
