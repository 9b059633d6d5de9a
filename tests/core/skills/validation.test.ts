import {
  assembleCatalog,
  joinComposition,
  readComposition,
  readManifest,
  sortFindings,
} from '../../../core/skills/validation.ts';
import type { Finding } from '../../../core/skills/catalog.ts';
import { aSkill } from '../../support/builders.ts';

const LINES = ['id', 'name', 'description', 'version', 'entrypoint'];
const VALID = {
  id: 'travel/find',
  name: 'Find',
  description: 'Finds',
  version: '1.0.0',
  entrypoint: 'implementations.travel.find:run',
};

function read(value: unknown, file = 'metadata/travel/find.yaml') {
  return readManifest({ file, value, lineOf: (path) => LINES.indexOf(String(path[0])) + 1 });
}

describe('readManifest', () => {
  test('gives the skill with its defaults', () => {
    expect(read(VALID)).toMatchObject({
      entry: {
        id: 'travel/find',
        file: 'metadata/travel/find.yaml',
        manifest: { tags: [], deprecated: false, side_effects: 'write', idempotent: false },
      },
      findings: [],
    });
  });

  test('keeps a skill whose eval alone is invalid', () => {
    const { entry, findings } = read({ ...VALID, eval: { cases: [] }, surprise: 1 });
    expect(entry?.manifest).toMatchObject({ id: 'travel/find' });
    expect(entry?.manifest.eval).toBeUndefined();
    expect(findings.map(({ severity, field }) => [severity, field])).toEqual([
      ['error', 'eval.cases'],
      ['warning', 'surprise'],
    ]);
  });

  test('reports what is wrong beside the eval too', () => {
    const { entry, findings } = read({ ...VALID, eval: 'x', deprecated: true });
    expect(entry).toBeUndefined();
    expect(findings.map(({ field }) => field)).toEqual(['eval', 'deprecated']);
    expect(read({ ...VALID, eval: 'x', name: '' }).entry).toBeUndefined();
  });

  test.each([
    ['a text instead of a mapping', 'hello', undefined, 'expected a mapping of fields, got "hello"'],
    ['an empty file', undefined, undefined, 'missing: expected a mapping of fields'],
    ['a list', [], undefined, 'expected a mapping of fields'],
    ['no name', { ...VALID, name: undefined }, 'name', 'missing: expected text'],
    [
      'variants that are a number',
      { ...VALID, variants: 5 },
      'variants',
      'expected a mapping of fields, got 5',
    ],
    ['variants in a list', { ...VALID, variants: [{}, {}] }, 'variants', 'expected a mapping of fields'],
    [
      'a version that YAML reads as a number',
      { ...VALID, version: 1.5 },
      'version',
      'expected text, got 1.5 without quotes',
    ],
    [
      'a name that YAML reads as a truth value',
      { ...VALID, name: true },
      'name',
      'expected text, got true without quotes',
    ],
    [
      'a version of two parts',
      { ...VALID, version: '1.0' },
      'version',
      'expected a semantic version such as 1.0.0, got "1.0"',
    ],
    [
      'an id without a domain',
      { ...VALID, id: 'find' },
      'id',
      'expected domain/name (or domain.name), each part 1 to 63 of a-z 0-9 _ - and starting with a letter or digit, got "find"',
    ],
    [
      'an id that climbs',
      { ...VALID, id: 'a/../../x' },
      'id',
      expect.stringContaining('expected domain/name'),
    ],
    [
      'an entrypoint that climbs',
      { ...VALID, entrypoint: 'implementations....etc:run' },
      'entrypoint',
      expect.stringContaining('expected implementations.'),
    ],
    [
      'an entrypoint elsewhere',
      { ...VALID, entrypoint: 'os:system' },
      'entrypoint',
      expect.stringContaining('expected implementations.'),
    ],
    [
      'an entrypoint with a slash',
      { ...VALID, entrypoint: 'implementations.a/../b:run' },
      'entrypoint',
      expect.stringContaining('expected implementations.'),
    ],
    ['tags that are a text', { ...VALID, tags: 'travel' }, 'tags', 'expected a list, got "travel"'],
    ['a tag that is a number', { ...VALID, tags: ['a', 5] }, 'tags.1', 'expected text, got 5 without quotes'],
    [
      'side effects of no kind',
      { ...VALID, side_effects: 'some' },
      'side_effects',
      'expected one of "none"|"read"|"write"|"destructive", got "some"',
    ],
    [
      'a timeout that is a truth value',
      { ...VALID, timeout: true },
      'timeout',
      expect.stringMatching(/^expected a duration .*, got true$/),
    ],
    [
      'a concurrency that is no whole number',
      { ...VALID, concurrency: 1.5 },
      'concurrency',
      'expected a whole number, got 1.5',
    ],
    [
      'a cost finer than 1/10,000',
      { ...VALID, cost: 5.00001 },
      'cost',
      'expected at most 4 decimals, got 5.00001',
    ],
    ['a negative cost', { ...VALID, cost: -1 }, 'cost', 'expected number to be >=0, got -1'],
    ['an unknown field of retry', { ...VALID, retry: { tries: 3 } }, 'retry', 'Unrecognized key: "tries"'],
    [
      'inputs that are no schema',
      { ...VALID, inputs: 'text' },
      'inputs',
      'expected a JSON Schema, got "text"',
    ],
    [
      'a deprecation without reason',
      { ...VALID, deprecated: true },
      'deprecated',
      'expected deprecation_reason or replacement_id together with deprecated: true, got true',
    ],
    [
      'a name that a terminal would obey',
      { ...VALID, name: '\u001b[2J' },
      'name',
      'expected text without control characters, got "\\u001b[2J"',
    ],
    [
      'a long text, which is shortened',
      { ...VALID, version: 'x'.repeat(200) },
      'version',
      expect.stringMatching(/\.\.\.$/),
    ],
  ])('refuses %s', (_, value, field, message) => {
    const { entry, findings } = read(value);
    expect(entry).toBeUndefined();
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ severity: 'error', message, file: 'metadata/travel/find.yaml' });
    expect(findings[0]?.field).toBe(field);
  });

  test('names every field that is wrong, with its line and the skill', () => {
    const { findings } = read({ ...VALID, name: '', version: 'x' });
    expect(findings).toMatchObject([
      { rule: 'field_invalid', field: 'name', line: 2, skill: 'travel/find' },
      { rule: 'field_invalid', field: 'version', line: 4, skill: 'travel/find' },
    ]);
  });

  test('has no skill if the id is invalid', () => {
    expect(read({ ...VALID, id: 5 }).findings[0]).not.toHaveProperty('skill');
  });

  test('tells a missing field from a wrong one', () => {
    expect(read({ ...VALID, name: undefined }).findings[0]?.rule).toBe('field_missing');
  });

  test.each([
    ['descripton', 'unknown field; did you mean description?'],
    ['execution_mode', 'unknown field'],
  ])('warns of the unknown field %s', (field, message) => {
    const { entry, findings } = read({ ...VALID, [field]: 'x' });
    expect(entry?.id).toBe('travel/find');
    expect(findings).toMatchObject([{ severity: 'warning', rule: 'unknown_field', field, message }]);
  });

  test('warns about a file in another place than its id requires', () => {
    expect(read(VALID, 'metadata/find.yaml').findings).toMatchObject([
      { severity: 'warning', rule: 'path_mismatch', field: 'id', line: 1 },
    ]);
    expect(read(VALID, 'metadata/travel/find.yml').findings).toEqual([]);
  });
});

describe('joinComposition', () => {
  const file = 'compositions/travel/plan.json';
  const entry = aSkill('travel/plan');
  const join = (value: unknown) =>
    joinComposition(entry, file, readComposition({ file, value, lineOf: () => 1 }));

  test('adds the steps to the manifest', () => {
    const joined = join({ id: 'travel/plan', steps: ['travel/find'] });
    expect(joined).toMatchObject({ entry: { id: 'travel/plan', composition: { steps: ['travel/find'] } } });
    expect(joined.findings).toEqual([]);
  });

  test('reports a file that is missing, at the manifest', () => {
    const message = `expected the file ${file} for this entrypoint`;
    expect(joinComposition(entry, file, undefined)).toEqual({
      findings: [
        {
          severity: 'error',
          rule: 'composition_missing',
          skill: 'travel/plan',
          file: entry.file,
          field: 'entrypoint',
          message,
        },
      ],
    });
  });

  test.each([
    [
      { id: 'travel/plan', steps: [] },
      { rule: 'field_invalid', field: 'steps' },
    ],
    [
      { id: 'travel/other', steps: ['travel/find'] },
      {
        rule: 'path_mismatch',
        field: 'id',
        message: 'expected "travel/plan" in this file, got "travel/other"',
      },
    ],
  ])('reports the file that holds %j', (value, finding) => {
    const joined = join(value);
    expect(joined.entry).toBeUndefined();
    expect(joined.findings).toMatchObject([{ severity: 'error', skill: 'travel/plan', file, ...finding }]);
  });
});

describe('assembleCatalog', () => {
  test('takes the file at the path of its id, and reports the others', () => {
    const readings = ['metadata/a.yaml', 'metadata/travel/find.yaml', 'metadata/z.yaml'].map((file) =>
      read(VALID, file),
    );
    const { skills, findings } = assembleCatalog(readings);
    expect([...skills.values()].map(({ file }) => file)).toEqual(['metadata/travel/find.yaml']);
    expect(findings.filter(({ rule }) => rule === 'duplicate_id').map(({ file }) => file)).toEqual([
      'metadata/a.yaml',
      'metadata/z.yaml',
    ]);
  });

  test('contains valid skills and the findings of invalid files', () => {
    const { skills, findings } = assembleCatalog([read(undefined, 'metadata/b.yaml'), read(VALID)]);
    expect([skills.size, findings.length]).toEqual([1, 1]);
  });
});

describe('sortFindings', () => {
  test('orders by file, line and rule', () => {
    const finding = (file: string, rule: string, line?: number): Finding => ({
      severity: 'error',
      rule,
      file,
      message: '',
      ...(line === undefined ? {} : { line }),
    });
    const sorted = sortFindings([
      finding('b', 'x', 1),
      finding('a', 'z', 2),
      finding('a', 'y', 2),
      finding('a', 'x'),
      finding('a', 'y', 2),
    ]);
    expect(sorted.map(({ file, line, rule }) => `${file}${line ?? ''}${rule}`)).toEqual([
      'ax',
      'a2y',
      'a2y',
      'a2z',
      'b1x',
    ]);
  });
});
