import type { JsonValue } from '../../../core/json.ts';
import type { EvalCase } from '../../../core/skills/eval-section.ts';
import {
  casesToRun,
  evalDocument,
  evalOf,
  evalResult,
  hasPassed,
  historyKey,
  mismatchOf,
  scoreOf,
  withScore,
} from '../../../core/testing/eval.ts';
import type { Search } from '../../../core/testing/eval.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aManifest, aSkill } from '../../support/builders.ts';

const search: Search = (pattern, text) => new RegExp(pattern, 'u').exec(text) ?? undefined;

type Fields = Readonly<Record<string, unknown>>;

function aCase(fields: Fields): EvalCase {
  const section = aManifest({ eval: { cases: [{ input: 'x', ...fields }] } }).eval;
  return section?.cases[0] as EvalCase;
}

describe('mismatchOf', () => {
  const NUMBER = { match: 'numeric_range', range: [1, 5] };
  const GROUP = { match: 'regex_numeric', expected: '(\\w+) (-?[\\d.]+)?', range: [-2, 5], group: 2 };

  test.each<[Fields, JsonValue]>([
    [{ expected: 'Rome' }, ' Rome\n'],
    [{ expected: ' {"a":1}' }, { a: 1 }],
    [{ expected: { a: [1, null] } }, { a: [1, null] }],
    [{ expected: null }, null],
    [{ match: 'contains', expected: '"a"' }, { a: 1 }],
    [{ match: 'contains', expected: '' }, 'anything'],
    [{ match: 'regex', expected: '^R.me$' }, 'Rome'],
    [NUMBER, 'about 5 of 100'],
    [NUMBER, 1],
    [{ match: 'numeric_range', range: [-1500, -1500] }, 'it is -1.5e3'],
    [GROUP, 'has -1.5'],
  ])('accepts %j for %j', (fields, output) => {
    expect(mismatchOf(aCase(fields), output, search)).toBeUndefined();
  });

  test.each<[Fields, JsonValue, string]>([
    [{ expected: 'Rome' }, 'Paris', 'expected "Rome", got "Paris"'],
    [{ expected: { a: 1 } }, { a: 2 }, 'expected {"a":1}, got {"a":2}'],
    [{ match: 'contains', expected: 'x' }, 'y'.repeat(300), `expected "x" in "${'y'.repeat(196)}...`],
    [{ match: 'regex', expected: '^R$' }, 'Rome', 'expected a match of "^R$" in "Rome"'],
    [NUMBER, 'none', 'expected a number, got "none"'],
    [NUMBER, 'about 5.1', 'expected a number from 1 to 5, got 5.1'],
    [NUMBER, 0, 'expected a number from 1 to 5, got 0'],
    [GROUP, '-', 'expected a match of "(\\\\w+) (-?[\\\\d.]+)?" in "-"'],
    [GROUP, 'has 6', 'expected a number from -2 to 5, got 6'],
    [GROUP, 'has none', 'expected a number, got ""'],
  ])('refuses %j for %j', (fields, output, problem) => {
    expect(mismatchOf(aCase(fields), output, search)).toBe(problem);
  });

  test.each([
    { match: 'regex', expected: '(a+)+$' },
    { match: 'regex_numeric', expected: '(a+)+$', range: [0, 1] },
  ])('says that a search takes too long: %j', (fields) => {
    expect(mismatchOf(aCase(fields), 'a', () => 'too_slow')).toBe('the search for "(a+)+$" takes too long');
  });
});

describe('scoreOf', () => {
  const about = { at: '2026-01-02T03:04:05.000Z', by: 'ann', digest: 'd1', pass_threshold: 0.667 };
  const right = evalResult(aCase({ expected: 'y' }), undefined);
  const wrong = evalResult(aCase({ expected: 'y' }), 'expected "y", got "z"');

  test('rounds to three decimals before it compares', () => {
    const score = scoreOf([right, wrong, right], about);
    expect(score).toEqual({ ...about, passed: 2, total: 3, success_rate: 0.667 });
    expect(hasPassed(score)).toBe(true);
    expect(hasPassed({ ...score, pass_threshold: 0.668 })).toBe(false);
  });

  test('is kept in a history of 200', () => {
    let history = withScore(undefined, scoreOf([right], { ...about, digest: 'd0' }));
    for (let number = 1; number <= 200; number++) {
      history = withScore(history, scoreOf([right], { ...about, digest: `d${number}` }));
    }
    expect(history.scores.map(({ digest }) => digest)).toEqual(
      Array.from({ length: 200 }, (_, index) => `d${index + 1}`),
    );
    expect(historyKey(parseSkillId('a/b'))).toBe('a.b');
  });

  test.each([
    [[right], 'ok'],
    [[right, wrong], 'failed'],
  ])('is in the document', (results, status) => {
    const report = { skill: parseSkillId('a/b'), score: scoreOf(results, about), results };
    expect(evalDocument(report)).toMatchObject({ skill: 'a/b', status, digest: 'd1' });
    expect(evalDocument(report)['cases']).toEqual(
      results.map((result) => ({
        input: '"x"',
        match: 'equals',
        passed: result.passed,
        ...(result === wrong && { message: 'expected "y", got "z"' }),
      })),
    );
  });
});

test('evalOf gives the cases of a skill, at most max_cases', () => {
  const cases = [1, 2, 3].map((input) => ({ input, expected: input }));
  const section = evalOf(aSkill('a/b', { eval: { cases, max_cases: 2 } }), []);
  expect(casesToRun(section)).toMatchObject([{ input: 1 }, { input: 2 }]);
  expect(casesToRun(evalOf(aSkill('a/b', { eval: { cases } }), []))).toHaveLength(3);
  const finding = {
    severity: 'error',
    rule: 'field_invalid',
    field: 'eval.cases',
    message: 'expected a list',
  } as const;
  const elsewhere = [
    { ...finding, file: 'metadata/a/c.yaml' },
    { ...finding, file: 'metadata/a/b.yaml', field: 'name' },
  ];
  expect(() => evalOf(aSkill('a/b'), elsewhere)).toThrow('Skill "a/b" has no eval in metadata/a/b.yaml');
  expect(() =>
    evalOf(aSkill('a/b'), [...elsewhere, { ...finding, file: 'metadata/a/b.yaml', line: 7 }]),
  ).toThrow('The eval of skill "a/b" is invalid: metadata/a/b.yaml:7 eval.cases: expected a list');
});
