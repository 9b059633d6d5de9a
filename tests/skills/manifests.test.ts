import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CORE_SCHEMA, load } from 'js-yaml';
import { MANIFEST_FIELDS, isComposed, manifestSchema } from '../../core/skills/manifest.ts';

const ROOT = join(import.meta.dirname, '../../skills');
const AJV = new Ajv2020({ strict: true, allowUnionTypes: true });
const FILES = readdirSync(join(ROOT, 'metadata'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .sort();
const MANIFESTS = FILES.map((file) => {
  const yaml = load(readFileSync(join(ROOT, 'metadata', file), 'utf8'), { schema: CORE_SCHEMA });
  return { file, yaml: yaml as Record<string, unknown>, manifest: manifestSchema.parse(yaml) };
});

const CODED = MANIFESTS.filter(({ manifest }) => !isComposed(manifest));

describe('the manifests of the sample root', () => {
  test('cover what the README names', () => {
    expect(FILES.map((file) => file.replace('.yaml', ''))).toEqual([
      'admin/delete_records',
      'admin/list_records',
      'admin/list_users',
      'admin/restore_records',
      'finance/close_books',
      'finance/convert_currency',
      'office/enter_hours',
      'office/track_parcel',
      'ops/first',
      'ops/second',
      'text/summarize',
      'travel/build_itinerary',
      'travel/plan_trip',
      'travel/search_flights',
      'travel/search_hotels',
    ]);
  });

  test.each(MANIFESTS)('$file stands where its id says and knows every field', ({ file, yaml, manifest }) => {
    expect(`${manifest.id}.yaml`).toBe(file);
    expect(Object.keys(yaml).filter((field) => !MANIFEST_FIELDS.includes(field))).toEqual([]);
  });

  test.each(CODED)('$file names an entrypoint that exports a function', async ({ manifest }) => {
    const [path = '', name = ''] = manifest.entrypoint.split(':');
    const module = (await import(join(ROOT, `${path.replaceAll('.', '/')}.ts`))) as Record<string, unknown>;
    expect(typeof module[name]).toBe('function');
  });

  test.each(MANIFESTS)('$file declares schemas that compile strictly', ({ manifest }) => {
    for (const schema of [manifest.inputs, manifest.outputs]) {
      expect(() => AJV.compile((schema ?? true) as object)).not.toThrow();
    }
  });

  test.each(MANIFESTS)('$file has 5 to 8 examples in more than one language', ({ manifest }) => {
    expect(manifest.examples.length).toBeGreaterThanOrEqual(5);
    expect(manifest.examples.length).toBeLessThanOrEqual(8);
    expect(manifest.examples.some((query) => /\p{Script=Cyrillic}/u.test(query))).toBe(true);
  });

  test.each(MANIFESTS.filter(({ manifest }) => manifest.side_effects === 'none' && manifest.inputs))(
    '$file answers each of its examples as its schemas say',
    async ({ manifest }) => {
      const path = manifest.entrypoint.replace(':run', '').replaceAll('.', '/');
      const { run } = (await import(join(ROOT, `${path}.ts`))) as { run: (payload: object) => unknown };
      const fits = (schema: unknown, value: unknown) => AJV.validate(schema as object, value) || AJV.errors;
      for (const query of manifest.examples) {
        expect(fits(manifest.inputs, { query })).toBe(true);
        expect(fits(manifest.outputs, JSON.parse(JSON.stringify(run({ query }))))).toBe(true);
      }
    },
  );

  test('no example belongs to two skills', () => {
    const queries = MANIFESTS.flatMap(({ manifest }) =>
      manifest.examples.map((query) => query.toLowerCase()),
    );
    expect(queries.filter((query, at) => queries.indexOf(query) !== at)).toEqual([]);
  });

  test('what destroys names a skill that undoes it', () => {
    const ids = new Set(MANIFESTS.map(({ manifest }) => manifest.id));
    const destructive = MANIFESTS.filter(({ manifest }) => manifest.side_effects === 'destructive');
    expect(destructive.map(({ manifest }) => [manifest.id, manifest.rollback])).toEqual([
      ['admin/delete_records', 'admin/restore_records'],
    ]);
    expect(destructive.every(({ manifest }) => manifest.rollback && ids.has(manifest.rollback))).toBe(true);
  });
});
