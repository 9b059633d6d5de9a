import { packageDiff } from '../../../core/marketplace/package-diff.ts';
import { contentProblem, readPackage } from '../../../core/marketplace/package.ts';
import { signPackage, withPackage } from '../../../core/marketplace/publish.ts';
import type { JsonObject } from '../../../core/json.ts';
import { aPackage, fixtureSigner } from '../../support/marketplace-fixtures.ts';

function read(document: JsonObject) {
  const reading = readPackage(document, '[0]');
  if (reading.status !== 'read') throw new Error(reading.problem);
  return reading.package;
}

const MANIFEST = aPackage('acme/report')['manifest'] as JsonObject;

function sign(manifest: JsonObject, bytes: Uint8Array): JsonObject {
  return signPackage(
    {
      manifest,
      files: [{ path: 'implementations/acme/report.ts', bytes }],
      capabilities: { hosts: [], connectors: [], secrets: [] },
      dependencies: [],
      keyId: 'k',
    },
    (text) => fixtureSigner.sign(text),
  );
}

describe('signPackage', () => {
  test.each([
    ['text', Buffer.from('\ufeffexport const run = "€";')],
    ['other bytes', Buffer.from([0, 255, 128, 10])],
  ])('keeps %s as it is', (_, bytes) => {
    const found = read(sign(MANIFEST, bytes));
    expect(contentProblem(found)).toBeUndefined();
    expect(Buffer.from(found.files[0]?.bytes() ?? [])).toEqual(bytes);
  });

  test.each<[string, JsonObject]>([
    ['manifest', { ...MANIFEST, name: '' }],
    ['not well-formed Unicode', { ...MANIFEST, extra: '\ud800' }],
    ['id', {}],
  ])('refuses what nobody could install: %s', (problem, manifest) => {
    expect(() => sign(manifest, Buffer.from(''))).toThrow(problem);
  });
});

test('withPackage never replaces a version', () => {
  const one = aPackage('acme/report');
  const two = aPackage('acme/report', { version: '1.0.1' });
  expect(withPackage([one, null], two)).toEqual([one, null, two]);
  expect(() => withPackage([one], { ...one, signature: '' })).toThrow('acme/report@1.0.0 already');
});

describe('packageDiff', () => {
  const from = read(aPackage('acme/report', { code: 'one\n', hosts: ['a.example'] }));

  test('is empty for the same package', () => {
    expect(packageDiff(from, from)).toEqual([]);
  });

  test('shows capabilities, code and files that come and go', () => {
    const next = aPackage('acme/report', { code: 'two\n', hosts: ['b.example'] });
    const [file] = next['files'] as readonly JsonObject[];
    const extra = { ...file, path: 'implementations/acme/report/extra.ts', content: 'new\n' };
    const to = read({ ...next, files: [file ?? {}, extra] });
    const lines = packageDiff(from, to);
    expect(lines.slice(0, 2)).toEqual(['+ host b.example', '- host a.example']);
    expect(lines).toEqual(expect.arrayContaining(['-one', '+two', '+new']));
    expect(packageDiff(to, from)).toContain('-new');
  });

  function withContent(content: JsonObject) {
    const { content: _text, ...file } = (from.document['files'] as readonly JsonObject[])[0] ?? {};
    return read({ ...from.document, files: [{ ...file, ...content }] });
  }

  test('names a file whose bytes differ where they are no text', () => {
    const [one, other] = ['/w==', '/g=='].map((bytes) => withContent({ content_base64: bytes }));
    expect(one && other && packageDiff(one, other)).toEqual([
      'implementations/acme/report.ts: bytes differ that are no text',
    ]);
  });

  test('shows a file as replaced that would take long to compare', () => {
    const [one, other] = ['a', 'b'].map((word) =>
      withContent({ content: Array.from({ length: 50_000 }, (_, row) => `${word}${row}`).join('\n') }),
    );
    const lines = one && other ? packageDiff(one, other) : [];
    expect(lines).toHaveLength(100_001);
    expect(lines.slice(0, 2)).toEqual([
      'implementations/acme/report.ts: too many differences to compare',
      '-a0',
    ]);
    expect(lines.at(-1)).toBe('+b49999');
  });
});
