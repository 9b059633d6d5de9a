import { manifestSchema } from '../../../core/skills/manifest.ts';
import { aManifest } from '../../support/builders.ts';

const REQUIRED = {
  id: 'a/b',
  name: 'B',
  description: 'Does it',
  version: '1.0.0',
  entrypoint: 'implementations.a.b:run',
};

describe('eval in a manifest', () => {
  test('has defaults', () => {
    expect(aManifest({ eval: { cases: [{ input: 'x', expected: 'y' }] } }).eval).toEqual({
      cases: [{ input: 'x', expected: 'y', match: 'equals', group: 1 }],
      pass_threshold: 1,
      timeout_seconds: 0,
      fail_fast: false,
    });
  });

  test.each([
    [{ input: { from: 'Rome' }, expected: null }],
    [{ input: 'x', match: 'contains', expected: 'part' }],
    [{ input: 'x', match: 'regex', expected: '^\\d+$' }],
    [{ input: 'x', match: 'numeric_range', range: [1, 1] }],
    [{ input: 'x', match: 'regex_numeric', expected: '(\\d+) to (\\d+)', range: [0, 1.5], group: 2 }],
  ])('accepts %j', (one) => {
    expect(aManifest({ eval: { cases: [one] } }).eval?.cases).toEqual([expect.objectContaining(one)]);
  });

  test.each([
    ['eval.cases', {}],
    ['eval.cases', { cases: [] }],
    ['eval.cases.0.input', { cases: [{ expected: 'x' }] }],
    ['eval.cases.0.expected', { cases: [{ input: 'x' }] }],
    ['eval.cases.0.expected', { cases: [{ input: 'x', match: 'contains' }] }],
    ['eval.cases.0.expected', { cases: [{ input: 'x', match: 'contains', expected: 5 }] }],
    ['eval.cases.0.expected', { cases: [{ input: 'x', match: 'regex', expected: '(' }] }],
    ['eval.cases.0.expected', { cases: [{ input: 'x', match: 'regex', expected: 'a'.repeat(1001) }] }],
    ['eval.cases.0.expected', { cases: [{ input: 'x', match: 'regex_numeric', range: [0, 1] }] }],
    ['eval.cases.0.range', { cases: [{ input: 'x', match: 'numeric_range' }] }],
    ['eval.cases.0.range', { cases: [{ input: 'x', match: 'numeric_range', range: [2, 1] }] }],
    ['eval.cases.0.range', { cases: [{ input: 'x', match: 'numeric_range', range: 5 }] }],
    ['eval.cases.0.match', { cases: [{ input: 'x', expected: 'y', match: 'like' }] }],
    ['eval.cases.0', { cases: [{ input: 'x', expected: 'y', want: 'y' }] }],
    ['eval.pass_threshold', { cases: [{ input: 'x', expected: 'y' }], pass_threshold: 1.1 }],
    ['eval.timeout_seconds', { cases: [{ input: 'x', expected: 'y' }], timeout_seconds: -1 }],
    ['eval.max_cases', { cases: [{ input: 'x', expected: 'y' }], max_cases: 0 }],
  ])('refuses %s of %j', (field, section) => {
    const parsed = manifestSchema.safeParse({ ...REQUIRED, eval: section });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toContain(field);
  });
});
