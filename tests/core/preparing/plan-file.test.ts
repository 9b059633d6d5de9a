import { sha256 } from '../../../core/values/digest.ts';
import { changesSince, parsePlanFile, planFileText } from '../../../core/preparing/plan-file.ts';
import type { PlanFacts } from '../../../core/preparing/preview.ts';

const hash = (text: string): string => sha256(text);
const facts: PlanFacts = {
  query: hash('q'),
  input: hash('i'),
  code: { 'a/b': hash('code') },
  manifest: { 'a/b': hash('manifest') },
  policy: hash('policy'),
};
const digest = hash('digest');
const text = planFileText({
  createdAt: '2026-01-02T03:04:05.000Z',
  digest,
  facts,
  preview: { skill: 'a/b' },
});

const edited = (change: (file: Record<string, unknown>) => void): string => {
  const file = JSON.parse(text) as Record<string, unknown>;
  change(file);
  return JSON.stringify(file);
};

test('a plan file round-trips', () => {
  expect(parsePlanFile(text)).toMatchObject({ digest, facts, preview: { skill: 'a/b' } });
});

test('a plan needs no query', () => {
  const { query: _, ...bare } = facts;
  const file = parsePlanFile(
    planFileText({ createdAt: '2026-01-02T03:04:05.000Z', digest, facts: bare, preview: {} }),
  );
  expect(changesSince(file, { digest, facts: bare })).toEqual([]);
  expect(changesSince(file, { digest, facts })).toEqual(['query']);
});

describe('parsePlanFile refuses', () => {
  test.each<[string, string, string]>([
    ['what is not JSON', '{', 'Invalid plan file: it is not JSON'],
    ['what is no plan', '[]', 'Invalid plan file: Invalid input: expected object, received array'],
    [
      'a field of the wrong form',
      edited((file) => (file['digest'] = 'x')),
      'Invalid plan file: field "digest": expected a SHA-256 in lower-case hex',
    ],
    [
      'a field that it does not know',
      edited((file) => (file['more'] = 1)),
      'Invalid plan file: Unrecognized key: "more"',
    ],
    [
      'a plan that was edited',
      edited((file) => (file['digest'] = hash('another'))),
      'Invalid plan file: it was edited after the dry run wrote it',
    ],
    [
      'a preview that was edited',
      edited((file) => (file['preview'] = { skill: 'a/harmless' })),
      'Invalid plan file: it was edited after the dry run wrote it',
    ],
  ])('%s', (_what, given, message) => {
    expect(() => parsePlanFile(given)).toThrow(expect.objectContaining({ code: 'plan_invalid', message }));
  });
});

describe('changesSince', () => {
  const file = parsePlanFile(text);

  test.each<[string, { digest?: string; facts?: Partial<PlanFacts> }, readonly string[]]>([
    ['nothing', {}, []],
    ['the query', { facts: { query: hash('x') } }, ['query']],
    ['the input', { facts: { input: hash('x') } }, ['input']],
    ['code', { facts: { code: { 'a/b': hash('x') } } }, ['skill code of a/b']],
    ['a manifest', { facts: { manifest: { 'a/b': hash('x') } } }, ['manifest of a/b']],
    [
      'the skill itself',
      { facts: { code: { 'a/c': hash('code') }, manifest: { 'a/c': hash('manifest') } } },
      ['skill code of a/b', 'skill code of a/c', 'manifest of a/b', 'manifest of a/c'],
    ],
    ['a policy', { facts: { policy: hash('x') } }, ['policy']],
    ['how it is to run', { digest: hash('x') }, ['options of the run']],
    ['several', { digest: hash('x'), facts: { input: hash('x'), policy: hash('x') } }, ['input', 'policy']],
  ])('names %s', (_what, now, expected) => {
    expect(changesSince(file, { digest: now.digest ?? digest, facts: { ...facts, ...now.facts } })).toEqual(
      expected,
    );
  });
});
