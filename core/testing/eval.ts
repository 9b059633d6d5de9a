/** Evals of skills: if outputs are as expected, the score, and the history of scores. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Finding, SkillEntry } from '../skills/catalog.ts';
import type { EvalCase } from '../skills/eval-section.ts';
import { placeOf } from '../skills/find-skill.ts';
import type { SkillManifest } from '../skills/manifest.ts';
import { isAboutEval } from '../skills/validation.ts';
import { dotted } from '../values/skill-id.ts';
import type { SkillId } from '../values/skill-id.ts';
import { differenceAt } from './difference.ts';
import type { TestResult } from './skill-test.ts';

export type EvalSection = NonNullable<SkillManifest['eval']>;

/** One case that was run; its name is the input, shortened. */
export type EvalResult = TestResult & { readonly match: EvalCase['match'] };

/** The score of one eval, as the history keeps it. */
export type EvalScore = {
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  /** Content hash of the skill, with all code that it runs. */
  readonly digest: string;
  readonly passed: number;
  readonly total: number;
  /** Share of the cases that passed, with three decimals. */
  readonly success_rate: number;
  readonly pass_threshold: number;
};

export interface EvalReport {
  readonly skill: SkillId;
  readonly score: EvalScore;
  readonly results: readonly EvalResult[];
}

/**
 * Searches a text for a regular expression. Returns the groups of the first match, undefined without one, and `too_slow` if
 * that takes longer than a few seconds.
 */
export type Search = (
  pattern: string,
  text: string,
) => readonly (string | undefined)[] | undefined | 'too_slow';

/** Throws `manifest_invalid` if `findings`, those of the catalog, include an error in the eval, otherwise `eval_not_configured`. */
export function evalOf(
  { id, file, manifest }: Pick<SkillEntry, 'id' | 'file' | 'manifest'>,
  findings: readonly Finding[],
): EvalSection {
  if (manifest.eval !== undefined) return manifest.eval;
  const broken = findings.find((finding) => finding.file === file && isAboutEval(finding));
  if (broken !== undefined) {
    const message = `The eval of skill "${id}" is invalid: ${placeOf(broken)} ${broken.message}`;
    throw new SkillosError('manifest_invalid', message);
  }
  throw new SkillosError('eval_not_configured', `Skill "${id}" has no eval in ${file}`, {
    hint: 'Add eval: with cases, each with an input and what is expected',
  });
}

export function casesToRun({ cases, max_cases: most }: EvalSection): readonly EvalCase[] {
  return cases.slice(0, most);
}

/** Returns what is wrong with the output, or undefined if it is as the case expects. */
export function mismatchOf(one: EvalCase, output: JsonValue, search: Search): string | undefined {
  const text = textOf(output);
  // The schema of manifests demands those that `match` uses.
  const { match, expected = '', range = [0, 0], group } = one;
  const pattern = textOf(expected);
  switch (match) {
    case 'equals':
      return isEqual(expected, output) ? undefined : `expected ${shown(expected)}, got ${shown(output)}`;
    case 'contains':
      return text.includes(pattern) ? undefined : `expected ${shown(pattern)} in ${shown(output)}`;
    case 'regex':
      return searched(pattern, text, search).problem;
    case 'numeric_range':
      return outside(range, text);
    case 'regex_numeric': {
      const { groups, problem } = searched(pattern, text, search);
      return problem ?? outside(range, groups?.[group] ?? '');
    }
  }
}

/** Texts count without the white space around them; other values are equal as JSON, or as the text of their JSON. */
function isEqual(expected: JsonValue, output: JsonValue): boolean {
  if (typeof expected === 'string') return textOf(output).trim() === expected.trim();
  return differenceAt(expected, output) === undefined;
}

function searched(pattern: string, text: string, search: Search): Searched {
  const found = search(pattern, text);
  if (found === 'too_slow') return { problem: `the search for ${shown(pattern)} takes too long` };
  if (found !== undefined) return { groups: found };
  return { problem: `expected a match of ${shown(pattern)} in ${shown(text)}` };
}

interface Searched {
  readonly groups?: readonly (string | undefined)[];
  readonly problem?: string;
}

const NUMBER = /[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/;

/** Checks the first number in the text. */
function outside([least, most]: readonly [number, number], text: string): string | undefined {
  const found = NUMBER.exec(text)?.[0];
  if (found === undefined) return `expected a number, got ${shown(text)}`;
  const value = Number(found);
  return value >= least && value <= most
    ? undefined
    : `expected a number from ${least} to ${most}, got ${found}`;
}

const MAX_SHOWN = 200;

function shown(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text;
}

function textOf(output: JsonValue): string {
  return typeof output === 'string' ? output : JSON.stringify(output);
}

export function evalResult(one: EvalCase, problem: string | undefined): EvalResult {
  const { input, match } = one;
  const common = { kind: 'case', name: shown(input), match } as const;
  return problem === undefined ? { ...common, passed: true } : { ...common, passed: false, message: problem };
}

/** The share is compared with the threshold after rounding, so that 2 of 3 cases reach 0.667. */
export function scoreOf(
  results: readonly EvalResult[],
  about: Pick<EvalScore, 'at' | 'by' | 'digest' | 'pass_threshold'>,
): EvalScore {
  const passed = results.filter((result) => result.passed).length;
  const rate = Math.round((passed / results.length) * 1000) / 1000;
  return { ...about, passed, total: results.length, success_rate: rate };
}

export function hasPassed({ success_rate: rate, pass_threshold: least }: EvalScore): boolean {
  return rate >= least;
}

/** Kind of the record with the history of a skill. */
export const EVALS = 'evals';
const MAX_SCORES = 200;

export type EvalHistory = {
  /** Oldest first. */
  readonly scores: readonly EvalScore[];
};

export function historyKey(skill: SkillId): string {
  return dotted(skill);
}

export function withScore(history: EvalHistory | undefined, score: EvalScore): EvalHistory {
  return { scores: [...(history?.scores ?? []), score].slice(-MAX_SCORES) };
}

/** One eval in `skillos.eval/v1` and in the items of `skillos.evals/v1`. */
export function evalDocument({ skill, score, results }: EvalReport): JsonObject {
  return {
    skill,
    status: hasPassed(score) ? 'ok' : 'failed',
    ...score,
    cases: results.map(({ name, match, passed, message }) => ({
      input: name,
      match,
      passed,
      ...(message === undefined ? {} : { message }),
    })),
  };
}
