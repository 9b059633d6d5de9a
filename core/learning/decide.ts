/** Decides on an experiment: promote a variant, roll a promotion back, or wait for more results. */
import { NO_RESULTS } from './experiment.ts';
import type { Decision, Experiment, VariantResults } from './experiment.ts';
import { brokenGuard } from './guards.ts';
import type { Guards } from './guards.ts';
import { probabilityBetter, rateOf } from './posterior.ts';

export interface Rules {
  /** Fewer results of a variant than these decide nothing. */
  readonly minSamples: number;
  /** Least difference of success rates, 0 to 1. */
  readonly winDelta: number;
  readonly rollbackDelta: number;
  readonly guards: Guards;
}

export type Verdict =
  | Pick<Decision, 'action' | 'reason' | 'from' | 'to' | 'rates' | 'probability' | 'guard'>
  | { readonly action: 'no_action'; readonly reason: NoAction };

/** Why nothing changes. */
export type NoAction = 'too_few_results' | 'difference_too_small' | 'evidence_too_weak' | 'guard_broken';

interface Evidence {
  readonly results: ReadonlyMap<string, VariantResults>;
  /** True if the experiment was decided on before: each further look at it could take chance for a difference. */
  readonly isRepeated: boolean;
}

/** A rollback is considered first; of several better variants the one with the largest difference is promoted. */
export function decide(experiment: Experiment, evidence: Evidence, rules: Rules): Verdict {
  return rollback(experiment, evidence, rules) ?? promotion(experiment, evidence, rules);
}

const LEAST_PROBABILITY = 0.95;

/**
 * Returns the probability that a promotion requires: 0.95 for a single look at the results. If there are more, it is
 * higher for few results of a variant: 0.9989 for 5, 0.987 for 200, 0.95 from 393 on. The numbers are fitted by
 * simulation: with equal rates and a decision after each of 400 runs at most 5 % of experiments promote a variant.
 */
export function requiredProbability(samples: number, isRepeated: boolean): number {
  if (!isRepeated) return LEAST_PROBABILITY;
  const error = Math.max(0.0275 / samples ** 2, 0.013 * (samples / 200) ** 2);
  return Math.max(LEAST_PROBABILITY, 1 - error);
}

function rollback(
  { active, previous }: Experiment,
  { results }: Evidence,
  { minSamples, rollbackDelta, guards }: Rules,
): Verdict | undefined {
  if (previous === undefined) return undefined;
  const [variant, before] = [resultsOf(results, active), resultsOf(results, previous)];
  if (countOf(variant) < minSamples || countOf(before) < minSamples) return undefined;
  const guard = brokenGuard(guards, { variant, before, minSamples });
  const change = changeBetween(active, previous, results);
  const isWorse =
    reaches(change.rates.delta, rollbackDelta) && probabilityBetter(before, variant) >= LEAST_PROBABILITY;
  if (!isWorse && guard === undefined) return undefined;
  return { action: 'rollback', reason: 'regression_detected', ...change, ...(guard && { guard }) };
}

function promotion(
  { active, variants }: Experiment,
  { results, isRepeated }: Evidence,
  { minSamples, winDelta, guards }: Rules,
): Verdict {
  const before = resultsOf(results, active);
  const candidates = variants
    .filter((variant) => variant !== active && countOf(resultsOf(results, variant)) >= minSamples)
    .map((name) => ({ name, results: resultsOf(results, name) }))
    .sort((a, b) => rateOf(b.results) - rateOf(a.results));
  if (countOf(before) < minSamples || candidates.length === 0) return noAction('too_few_results');
  const better = candidates.filter((one) => {
    const delta = rateOf(one.results) - rateOf(before);
    return delta > 0 && reaches(delta, winDelta);
  });
  if (better.length === 0) return noAction('difference_too_small');
  const proven = better.filter((one) => {
    const samples = Math.min(countOf(one.results), countOf(before));
    return probabilityBetter(one.results, before) >= requiredProbability(samples, isRepeated);
  });
  if (proven.length === 0) return noAction('evidence_too_weak');
  const best = proven.find(
    (one) => brokenGuard(guards, { variant: one.results, before, minSamples }) === undefined,
  );
  if (best === undefined) return noAction('guard_broken');
  return {
    action: 'promote',
    reason: 'confidence_threshold_met',
    ...changeBetween(active, best.name, results),
  };
}

function noAction(reason: NoAction): Verdict {
  return { action: 'no_action', reason };
}

function changeBetween(from: string, to: string, results: Evidence['results']) {
  const [before, after] = [resultsOf(results, from), resultsOf(results, to)];
  const rates = { from: rateOf(before), to: rateOf(after), delta: rateOf(after) - rateOf(before) };
  return {
    from,
    to,
    rates: { from: rounded(rates.from), to: rounded(rates.to), delta: rounded(rates.delta) },
    probability: rounded(probabilityBetter(after, before)),
  };
}

/** Differences of binary fractions are inexact: 0.6 - 0.5 is below 0.1. */
function reaches(delta: number, least: number): boolean {
  return delta >= least - 1e-9;
}

function resultsOf(results: Evidence['results'], variant: string): VariantResults {
  return results.get(variant) ?? NO_RESULTS;
}

function countOf({ successes, failures }: VariantResults): number {
  return successes + failures;
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
