/** An experiment: variants of one skill, the results of their runs, and which of them is active. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject } from '../json.ts';
import type { RecordedPrincipal } from '../rights/principal.ts';
import { MAX_VARIANTS, VARIANT } from '../skills/manifest.ts';
import { dotted } from '../values/skill-id.ts';
import type { SkillId } from '../values/skill-id.ts';
import type { Tally } from './posterior.ts';

/** Kind of the record with the state of an experiment. */
export const EXPERIMENTS = 'experiments';

/** Key of the record. */
export function experimentKey(tenant: string, skill: SkillId): string {
  return `${tenant}.${dotted(skill)}`;
}

/** Name of the journal with the results. */
export function experimentLog(tenant: string, skill: SkillId): string {
  return `experiments/${tenant}/${skill}`;
}

/** The record of an experiment. */
export type Experiment = {
  /** In the order in which they were first named; at least two. */
  readonly variants: readonly string[];
  readonly baseline: string;
  /** The variant that is compared with the others. */
  readonly active: string;
  /** The variant that was active before the last promotion; absent after a rollback. */
  readonly previous?: string;
  /** The last decisions that changed `active`, oldest first. */
  readonly decisions: readonly Decision[];
};

export type Decision = {
  /** ISO 8601. */
  readonly at: string;
  readonly by: { readonly subject: string; readonly via: RecordedPrincipal['via'] };
  readonly action: 'promote' | 'rollback';
  readonly reason: 'confidence_threshold_met' | 'regression_detected';
  readonly from: string;
  readonly to: string;
  /** Success rates and their difference, `to` minus `from`, rounded to 4 places. */
  readonly rates: { readonly from: number; readonly to: number; readonly delta: number };
  /** Probability that `to` is the better one, rounded to 4 places. */
  readonly probability: number;
  /** The guard that caused the rollback. */
  readonly guard?: string;
};

const MAX_DECISIONS = 100;

export function withDecision(experiment: Experiment, decision: Decision): Experiment {
  const { variants, baseline, decisions } = experiment;
  const isPromotion = decision.action === 'promote';
  return {
    variants,
    baseline,
    active: decision.to,
    ...(isPromotion && { previous: decision.from }),
    decisions: [...decisions, decision].slice(-MAX_DECISIONS),
  };
}

/** Variants of a request: at least two different names, and the one to begin with. */
export interface NamedVariants {
  readonly variants: readonly string[];
  readonly baseline?: string | undefined;
}

/**
 * Returns the experiment with the named variants added to it, or a new one that begins with the baseline, by default the
 * first variant. Throws `experiment_invalid`.
 */
export function withVariants(current: Experiment | undefined, named: NamedVariants): Experiment {
  checkNames(named.variants);
  const [first] = named.variants as [string, ...string[]]; // there are at least two
  const { baseline = current?.baseline ?? first } = named;
  const variants = [...new Set([...(current?.variants ?? []), ...named.variants])];
  if (variants.length > MAX_VARIANTS) {
    throw invalid(`Expected at most ${MAX_VARIANTS} variants, got ${variants.length}`);
  }
  if (!variants.includes(baseline)) {
    throw invalid(`Unknown baseline ${quote(baseline)}: expected one of ${variants.join(', ')}`);
  }
  if (current === undefined) return { variants, baseline, active: baseline, decisions: [] };
  if (baseline !== current.baseline) {
    throw invalid(`The baseline of this experiment is "${current.baseline}" already, got ${quote(baseline)}`);
  }
  return { ...current, variants };
}

function checkNames(names: readonly string[]): void {
  const wrong = names.find((name) => !VARIANT.test(name));
  if (wrong !== undefined) {
    throw invalid(`Invalid variant ${quote(wrong)}: expected 1 to 40 of A-Z a-z 0-9 . _ -`);
  }
  const distinct = new Set(names);
  if (distinct.size < 2) {
    throw invalid(`Expected at least two different variants, got ${names.join(', ') || 'none'}`);
  }
}

/** One line of the journal: how one use of a variant ended. */
export type VariantResult = JsonObject & {
  readonly variant: string;
  readonly success: boolean;
  /** ISO 8601. */
  readonly at: string;
  /** The run that ended; absent, as are the fields below, for a result that a person gave. */
  readonly run?: string;
  /** Names the execution and step. Of several lines with the same id, written after a crash, the first counts. */
  readonly id?: string;
  /** Of a run of one step. */
  readonly duration_ms?: number;
  /** In 1/10,000. */
  readonly cost?: number;
};

/** Returns undefined for a line of another version. */
export function readVariantResult(line: JsonObject): VariantResult | undefined {
  const { variant, success, at } = line;
  if (typeof variant !== 'string' || typeof success !== 'boolean' || typeof at !== 'string') return undefined;
  return line as VariantResult; // this program wrote the rest
}

export interface VariantResults extends Tally {
  /** Of the runs that succeeded, in milliseconds, ascending. */
  readonly durations: readonly number[];
  /** Mean of the runs that say it, in 1/10,000; absent if none does. */
  readonly cost?: number;
}

export const NO_RESULTS: VariantResults = { successes: 0, failures: 0, durations: [] };

export function sumResults(lines: readonly VariantResult[]): ReadonlyMap<string, VariantResults> {
  const known = new Set<string>();
  const counted = lines.filter(({ id }) => id === undefined || (!known.has(id) && known.add(id)));
  const names = [...new Set(counted.map(({ variant }) => variant))];
  return new Map(
    names.map((name) => [name, resultsOf(counted.filter(({ variant }) => variant === name))] as const),
  );
}

function resultsOf(lines: readonly VariantResult[]): VariantResults {
  const succeeded = lines.filter(({ success }) => success);
  const costs = lines.flatMap(({ cost }) => cost ?? []);
  return {
    successes: succeeded.length,
    failures: lines.length - succeeded.length,
    durations: succeeded.flatMap(({ duration_ms: ms }) => ms ?? []).sort((a, b) => a - b),
    ...(costs.length > 0 && { cost: costs.reduce((sum, cost) => sum + cost, 0) / costs.length }),
  };
}

/** Nearest rank; undefined without durations. */
export function p95Of({ durations }: Pick<VariantResults, 'durations'>): number | undefined {
  return durations[Math.ceil(0.95 * durations.length) - 1];
}

const OUTCOMES: Readonly<Record<string, boolean>> = {
  success: true, true: true, 1: true, pass: true, ok: true,
  failure: false, false: false, 0: false, fail: false,
}; // prettier-ignore

/** Parses `<variant>:<outcome>`, such as `v1:success`. Throws `experiment_invalid`. */
export function parseResult(
  text: string,
  variants: readonly string[],
): Pick<VariantResult, 'variant' | 'success'> {
  const at = text.lastIndexOf(':');
  const [variant, outcome] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1).toLowerCase()];
  if (!variants.includes(variant)) {
    const expected = `<variant>:success or <variant>:failure with one of ${variants.join(', ')}`;
    throw invalid(`Invalid result ${quote(text)}: expected ${expected}`);
  }
  const success = Object.hasOwn(OUTCOMES, outcome) ? OUTCOMES[outcome] : undefined;
  if (success !== undefined) return { variant, success };
  throw invalid(`Invalid outcome in result ${quote(text)}: expected success or failure`);
}

export function invalid(message: string): SkillosError {
  return new SkillosError('experiment_invalid', message);
}

export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
