import {
  COMPOSED_ENTRYPOINT,
  MANIFEST_FIELDS,
  isRepeatable,
  manifestSchema,
  retryPolicyOf,
  timeoutMsOf,
} from '../../../core/skills/manifest.ts';
import { aManifest } from '../../support/builders.ts';

const REQUIRED = {
  id: 'travel/search_flights',
  name: 'Search flights',
  description: 'Finds flights',
  version: '1.0.0',
  entrypoint: 'implementations.travel.search_flights:run',
};

function issuesOf(fields: Readonly<Record<string, unknown>>): readonly string[] {
  const parsed = manifestSchema.safeParse({ ...REQUIRED, ...fields });
  return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('.'));
}

describe('manifestSchema', () => {
  test('fills in defaults', () => {
    expect(manifestSchema.parse(REQUIRED)).toEqual({
      ...REQUIRED,
      tags: [],
      deprecated: false,
      examples: [],
      side_effects: 'write',
      permissions: [],
      connectors: [],
      secrets: [],
      idempotent: false,
    });
  });

  test.each<[string, unknown, unknown]>([
    ['id', 'travel.search', 'travel/search'],
    ['name', '  Search  ', 'Search'],
    ['name', 'x'.repeat(4096), 'x'.repeat(4096)],
    ['description', 'Two\n\tlines, Поиск рейсов 🙂', 'Two\n\tlines, Поиск рейсов 🙂'],
    ['version', '1.2.3-rc.1+build.5', '1.2.3-rc.1+build.5'],
    ['entrypoint', 'implementations.a.b-c._d:$run_1', 'implementations.a.b-c._d:$run_1'],
    ['tags', ['a', ' b '], ['a', 'b']],
    ['deprecation_reason', null, null],
    ['replacement_id', null, null],
    ['replacement_id', 'a.b', 'a/b'],
    ['inputs', true, true],
    ['inputs', { type: 'object' }, { type: 'object' }],
    ['outputs', false, false],
    ['examples', ['find flights'], ['find flights']],
    ['side_effects', 'none', 'none'],
    ['side_effects', 'read', 'read'],
    ['side_effects', 'destructive', 'destructive'],
    ['permissions', ['admin:*'], ['admin:*']],
    ['timeout', '200ms', 200],
    ['timeout', 2, 2000],
    ['timeout', '365d', 31_536_000_000],
    ['retry', {}, {}],
    [
      'retry',
      { max_attempts: 100, initial: '1s', backoff: 1.5, max_interval: 60 },
      { max_attempts: 100, initial: 1000, backoff: 1.5, max_interval: 60_000 },
    ],
    ['retry', { non_retryable: ['TypeError'] }, { non_retryable: ['TypeError'] }],
    ['cost', 0, 0],
    ['cost', 0.25, 2500],
    ['cost', 0.0001, 1],
    ['cost', 1_000_000, 10_000_000_000],
    ['rollback', 'a/undo', 'a/undo'],
    ['connectors', ['crm'], ['crm']],
    ['secrets', ['KEY'], ['KEY']],
    ['idempotent', true, true],
    ['concurrency', 1, 1],
    [
      'variants',
      { v1: {}, 'v2.0': { weight: 0.5, description: 'Other' } },
      { v1: {}, 'v2.0': { weight: 0.5, description: 'Other' } },
    ],
  ])('reads %s: %j', (field, value, expected) => {
    expect(manifestSchema.parse({ ...REQUIRED, [field]: value })).toMatchObject({ [field]: expected });
  });

  test.each<[string, unknown]>([
    ['id', 'travel'],
    ['id', undefined],
    ['id', 7],
    ['name', '  '],
    ['name', undefined],
    ['name', 'x'.repeat(4097)],
    ['name', 'red \u001b[31m'],
    ['name', 'bell \u0007'],
    ['name', 'c1 \u009b'],
    ['description', ''],
    ['description', 'a\rb'],
    ['version', '1.0'],
    ['version', 'v1.0.0'],
    ['version', '01.0.0'],
    ['version', 1],
    ['entrypoint', 'implementations:run'],
    ['entrypoint', 'implementations.a'],
    ['entrypoint', 'implementations.a.b:run:run'],
    ['entrypoint', 'implementations...etc:run'],
    ['entrypoint', 'implementations.a/b:run'],
    ['entrypoint', 'node.fs:readFileSync'],
    ['entrypoint', 'implementations.a:1run'],
    ['entrypoint', 'implementations.a:run\n'],
    ['tags', 'travel'],
    ['tags', ['']],
    ['tags', Array.from({ length: 65 }, (_, index) => `t${index}`)],
    ['deprecated', 'yes'],
    ['replacement_id', 'a'],
    ['inputs', 'object'],
    ['inputs', []],
    ['outputs', null],
    ['examples', [1]],
    ['side_effects', 'writes'],
    ['permissions', ['']],
    ['timeout', '0'],
    ['timeout', 0],
    ['timeout', '-1s'],
    ['timeout', 'soon'],
    ['timeout', true],
    ['cost', -1],
    ['cost', 1_000_001],
    ['cost', 5.00001],
    ['cost', 1e-7],
    ['cost', NaN],
    ['cost', 1e30],
    ['cost', Infinity],
    ['cost', '1'],
    ['rollback', 'undo'],
    ['idempotent', 1],
    ['concurrency', 0],
    ['concurrency', 1001],
    ['concurrency', 1.5],
  ])('refuses %s: %j', (field, value) => {
    expect(issuesOf({ [field]: value }).map((path) => path.split('.')[0])).toContain(field);
  });

  test.each<[string, unknown]>([
    ['max_attempts', 0],
    ['max_attempts', 101],
    ['max_attempts', 1.5],
    ['initial', '0s'],
    ['backoff', 0.5],
    ['backoff', 11],
    ['max_interval', 'never'],
    ['non_retryable', 'TypeError'],
  ])('refuses retry.%s: %j', (field, value) => {
    expect(issuesOf({ retry: { [field]: value } })).toEqual([`retry.${field}`]);
  });

  test('refuses an unknown key below retry', () => {
    expect(issuesOf({ retry: { attempts: 3 } })).toEqual(['retry']);
  });

  test('lets an unknown key pass: validate warns of it', () => {
    expect(issuesOf({ colour: 'red' })).toEqual([]);
    expect(MANIFEST_FIELDS).not.toContain('colour');
  });

  test.each<[object, readonly string[]]>([
    [{ deprecated: true }, ['deprecated']],
    [{ deprecated: true, deprecation_reason: null, replacement_id: null }, ['deprecated']],
    [{ deprecated: true, deprecation_reason: 'Old' }, []],
    [{ deprecated: true, replacement_id: 'a/b' }, []],
    [{ deprecated: false, deprecation_reason: 'Old' }, []],
  ])('wants a reason or a replacement beside deprecated: %j', (fields, expected) => {
    expect(issuesOf({ ...fields })).toEqual(expected);
  });

  test.each<[unknown, string]>([
    [{ v1: {} }, 'variants'],
    [{}, 'variants'],
    [[{}, {}], 'variants'],
    [{ v1: {}, 'v:2': {} }, 'variants'],
    [Object.fromEntries(Array.from({ length: 21 }, (_, number) => [`v${number}`, {}])), 'variants'],
    [{ v1: {}, v2: null }, 'variants.v2'],
    [{ v1: {}, v2: { weights: 1 } }, 'variants.v2'],
    [{ v1: {}, v2: { weight: 0 } }, 'variants.v2.weight'],
    [{ v1: {}, v2: { weight: -1 } }, 'variants.v2.weight'],
    [{ v1: {}, v2: { weight: '1' } }, 'variants.v2.weight'],
    [{ v1: {}, v2: { entrypoint: '../etc:run' } }, 'variants.v2.entrypoint'],
    [{ v1: {}, v2: { entrypoint: COMPOSED_ENTRYPOINT } }, 'variants.v2.entrypoint'],
    [{ v1: {}, v2: { description: '' } }, 'variants.v2.description'],
  ])('refuses the variants %j', (variants, path) => {
    expect(issuesOf({ variants })).toEqual([path]);
  });

  test('refuses variants of a composition and of a package', () => {
    const variants = { v1: {}, v2: {} };
    expect(issuesOf({ entrypoint: COMPOSED_ENTRYPOINT, variants })).toEqual(['variants']);
    expect(issuesOf({ package: 'a/b@1.0.0', variants })).toEqual(['variants']);
  });

  test('says what was expected', () => {
    const parsed = manifestSchema.safeParse({
      ...REQUIRED,
      id: 'x',
      name: '\u0000',
      version: '1',
      entrypoint: 'x',
      timeout: 'soon',
      inputs: 3,
    });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
      'expected domain/name (or domain.name), each part 1 to 63 of a-z 0-9 _ - and starting with a letter or digit',
      'expected text without control characters',
      'expected a semantic version such as 1.0.0',
      'expected implementations.<domain>.<name>:<export>, dots for folders',
      'expected a JSON Schema',
      'expected a duration such as 200ms, 2s, 10m, 1h or 7d (a bare number is seconds)',
    ]);
  });
});

describe('MANIFEST_FIELDS', () => {
  test('names the fields of the YAML', () => {
    const fields =
      'concurrency connectors cost deprecated deprecation_reason description entrypoint eval examples id idempotent ' +
      'inputs name outputs package permissions replacement_id retry rollback sandbox secrets side_effects tags timeout variants version';
    expect(MANIFEST_FIELDS.toSorted().join(' ')).toBe(fields);
  });
});

describe('timeoutMsOf', () => {
  test.each([
    [{}, 60_000],
    [{ timeout: '5s' }, 5000],
  ])('of %j is %i', (fields, expected) => {
    expect(timeoutMsOf(aManifest(fields))).toBe(expected);
  });
});

describe('isRepeatable', () => {
  test.each([
    ['none', false, true],
    ['read', false, true],
    ['write', false, false],
    ['destructive', false, false],
    ['write', true, true],
    ['destructive', true, true],
    ['none', true, true],
  ] as const)('with side effects %s and idempotent %s: %s', (sideEffects, idempotent, expected) => {
    expect(isRepeatable(sideEffects, idempotent)).toBe(expected);
  });
});

describe('retryPolicyOf', () => {
  test('has its own defaults', () => {
    expect(retryPolicyOf(aManifest())).toEqual({
      maxAttempts: 1,
      initialMs: 1000,
      backoff: 2,
      maxIntervalMs: 60_000,
      nonRetryable: [],
    });
  });

  test('uses the values of the manifest', () => {
    const retry = {
      max_attempts: 5,
      initial: '200ms',
      backoff: 3,
      max_interval: '2s',
      non_retryable: ['TypeError'],
    };
    expect(retryPolicyOf(aManifest({ retry }))).toEqual({
      maxAttempts: 5,
      initialMs: 200,
      backoff: 3,
      maxIntervalMs: 2000,
      nonRetryable: ['TypeError'],
    });
  });

  test.each([
    ['a skill that writes', {}, undefined, 1],
    ['a destructive skill', { side_effects: 'destructive' }, undefined, 1],
    ['a skill that reads', { side_effects: 'read' }, undefined, 3],
    ['a pure skill', { side_effects: 'none' }, undefined, 3],
    ['an idempotent skill', { idempotent: true }, undefined, 3],
    ['a skill that writes and says how often', { retry: { max_attempts: 4 } }, undefined, 4],
    ['a declared number and --max-retries 1', { retry: { max_attempts: 4 } }, 1, 2],
    ['a skill that reads and --max-retries 0', { side_effects: 'read' }, 0, 1],
    ['a skill that writes and --max-retries 2', {}, 2, 3],
  ])('gives %s its number of attempts', (_what, fields, maxRetries, expected) => {
    expect(retryPolicyOf(aManifest(fields), maxRetries).maxAttempts).toBe(expected);
  });
});
