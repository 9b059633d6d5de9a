import type { JsonObject } from '../../../core/json.ts';
import { contentProblem, parseRequirement, readPackage } from '../../../core/marketplace/package.ts';
import { aPackage, anInlinePackage } from '../../support/marketplace-fixtures.ts';

const GOOD = aPackage('acme/report');
const FILE = (GOOD['files'] as readonly JsonObject[])[0] as JsonObject;
const MANIFEST = GOOD['manifest'] as JsonObject;

function problemOf(document: JsonObject | null): string | undefined {
  const reading = readPackage(document, '[3]');
  return reading.status === 'refused' ? `${reading.name}: ${reading.problem}` : undefined;
}

describe('readPackage', () => {
  test('reads a package', () => {
    const reading = readPackage(GOOD, '[0]');
    expect(reading).toMatchObject({
      status: 'read',
      package: {
        id: 'acme/report',
        version: '1.0.0',
        skill: { side_effects: 'none' },
        capabilities: { hosts: [], connectors: [], secrets: [] },
        dependencies: [],
        keyId: 'community-fixture',
        document: GOOD,
      },
    });
  });

  test('reads the form with one file', () => {
    const reading = readPackage(anInlinePackage('acme/bye', 'export const run = 1;'), '[0]');
    if (reading.status !== 'read') throw new Error(reading.problem);
    const [file] = reading.package.files;
    expect(file?.path).toBe('implementations/acme/bye.ts');
    expect(Buffer.from(file?.bytes() ?? []).toString()).toBe('export const run = 1;');
    expect(contentProblem(reading.package)).toBeUndefined();
  });

  test('reads base64', () => {
    const { content, ...file } = FILE;
    const encoded = { ...file, content_base64: Buffer.from(content as string).toString('base64') };
    const reading = readPackage({ ...GOOD, files: [encoded] }, '[0]');
    if (reading.status !== 'read') throw new Error(reading.problem);
    expect(contentProblem(reading.package)).toBeUndefined();
  });

  test.each<[string, JsonObject | null]>([
    ['[3]: ', null],
    ['[3]: ', { ...GOOD, id: 7 }],
    ['[3]: ', {}],
    ['../evil: id: expected domain/name', { ...GOOD, id: '../evil' }],
    ['x/../../../evil: id: expected domain/name', { ...GOOD, id: 'x/../../../evil' }],
    ['acme.report: id: expected domain/name', { ...GOOD, id: 'acme.report' }],
    ['acme/report: version: expected a semantic version', { ...GOOD, version: 'v1.0.0' }],
    ['acme/report: version: expected a semantic version', { ...GOOD, version: '1.0' }],
    ['acme/report: Unrecognized key', { ...GOOD, scripts: {} }],
    ['acme/report: signature: expected base64 of 64 bytes', { ...GOOD, signature: 'AAAA' }],
    ['acme/report: signature: expected base64 of 64 bytes', { ...GOOD, signature: '!' }],
    ['acme/report: key_id: expected', { ...GOOD, key_id: '../key' }],
    ['acme/report: capabilities.hosts.0: expected host', { ...GOOD, capabilities: { hosts: ['http://a'] } }],
    [
      'acme/report: dependencies.0.version: expected',
      { ...GOOD, dependencies: [{ id: 'a/b', version: 'new' }] },
    ],
    ['acme/report: files: expected at most 200 files', { ...GOOD, files: Array(201).fill(FILE) }],
    ['acme/report: files.0.sha256: expected 64', { ...GOOD, files: [{ ...FILE, sha256: 'AB' }] }],
    ['acme/report: files.0: expected either', { ...GOOD, files: [{ ...FILE, content_base64: '' }] }],
    [
      'acme/report: expected at most 5242880 bytes',
      { ...GOOD, files: [{ ...FILE, content: 'a'.repeat(6e6) }] },
    ],
    [
      'acme/report: expected at most 5242880 bytes',
      {
        ...GOOD,
        files: [
          { path: FILE['path'] ?? '', sha256: FILE['sha256'] ?? '', content_base64: 'AAAA'.repeat(2e6) },
        ],
      },
    ],
    ['acme/report: file "../evil.ts"', { ...GOOD, files: [{ ...FILE, path: '../evil.ts' }] }],
    [
      'acme/report: manifest entrypoint: expected implementations',
      { ...GOOD, manifest: { ...MANIFEST, entrypoint: 'os:run' } },
    ],
    ['acme/report: manifest name: missing', { ...GOOD, manifest: { ...MANIFEST, name: undefined as never } }],
    [
      'acme/report: manifest id: expected "acme/report"',
      { ...GOOD, manifest: { ...MANIFEST, id: 'acme/other' } },
    ],
    [
      'acme/report: manifest version: expected "1.0.0"',
      { ...GOOD, manifest: { ...MANIFEST, version: '1.0.1' } },
    ],
    [
      'acme/report: manifest package: expected no such field',
      { ...GOOD, manifest: { ...MANIFEST, package: 'a/b@1.0.0' } },
    ],
    [
      'acme/report: manifest variants: expected none',
      { ...GOOD, manifest: { ...MANIFEST, variants: { a: {}, b: {} } } },
    ],
    [
      'acme/report: manifest entrypoint: a package holds code',
      { ...GOOD, manifest: { ...MANIFEST, entrypoint: 'skillos.composition:run_composed_skill' } },
    ],
    [
      'acme/report: manifest entrypoint: the package has no file',
      { ...GOOD, manifest: { ...MANIFEST, entrypoint: 'implementations.travel.search_flights:run' } },
    ],
    [
      'acme/report: manifest connectors: "db" is not in',
      { ...GOOD, manifest: { ...MANIFEST, connectors: ['db'] } },
    ],
    [
      'acme/report: manifest secrets: "KEY" is not in',
      { ...GOOD, manifest: { ...MANIFEST, secrets: ['KEY'] } },
    ],
    [
      'acme/report: manifest rollback: "admin/delete" is neither',
      { ...GOOD, manifest: { ...MANIFEST, rollback: 'admin/delete' } },
    ],
  ])('refuses: %s', (problem, document) => {
    expect(problemOf(document)).toContain(problem);
  });

  test('accepts a rollback by a dependency', () => {
    const dependencies = [{ id: 'acme/undo', version: '^1.0.0' }];
    expect(
      problemOf({ ...GOOD, dependencies, manifest: { ...MANIFEST, rollback: 'acme/undo' } }),
    ).toBeUndefined();
  });
});

test('contentProblem finds a content that differs from its hash', () => {
  const reading = readPackage({ ...GOOD, files: [{ ...FILE, content: 'export const run = evil;' }] }, '[0]');
  expect(reading.status === 'read' && contentProblem(reading.package)).toContain('differs from its sha256');
});

describe('parseRequirement', () => {
  test.each([
    ['a/b', '*'],
    ['a/b@^1.0.0', '^1.0.0'],
    ['a.b', '*'],
    ['a.b@^1.0.0', '^1.0.0'],
    ['a/b@==1.0.0', '==1.0.0'],
    ['a/b@>= 1.0', '>= 1.0'],
  ])('reads %s', (text, version) => {
    expect(parseRequirement(text)).toEqual({ id: 'a/b', version });
  });

  test.each(['a', 'a.b.c', 'a/b@', 'a/b@new', '../b', '@1.0.0'])('refuses %s', (text) => {
    expect(() => parseRequirement(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
