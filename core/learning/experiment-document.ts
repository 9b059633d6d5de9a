/** The JSON forms of experiments, in snake_case. */
import type { JsonObject } from '../json.ts';
import { inUnits } from '../values/amount.ts';
import type { SkillId } from '../values/skill-id.ts';
import type { Verdict } from './decide.ts';
import { NO_RESULTS, p95Of } from './experiment.ts';
import type { Decision, Experiment, VariantResults } from './experiment.ts';
import { probabilitiesBest, rateInterval, rateOf } from './posterior.ts';

type ExperimentDocument = JsonObject & { readonly schema: string };

export interface Summary {
  readonly skill: SkillId;
  readonly experiment: Experiment;
  readonly results: ReadonlyMap<string, VariantResults>;
}

/** One variant in `skillos.experiment/v1`. */
export type VariantSummary = {
  readonly results: number;
  readonly successes: number;
  readonly failures: number;
  readonly rate: number;
  /** 95 %. */
  readonly interval: readonly [number, number];
  readonly probability_best: number;
  /** Mean cost of a run, in units; absent if no run says it, as is the next. */
  readonly cost?: number;
  /** 95th percentile of the durations of successful runs. */
  readonly p95_ms?: number;
};

/** `skillos.experiment/v1`; decisions are oldest first. */
export function experimentDocument(summary: Summary): ExperimentDocument {
  const { skill, experiment } = summary;
  const { baseline, active, previous, decisions } = experiment;
  return {
    schema: 'skillos.experiment/v1',
    skill,
    baseline,
    active,
    ...(previous === undefined ? {} : { previous }),
    variants: Object.fromEntries(summariesOf(summary)),
    decisions: decisions.map(decisionDocument),
  };
}

/** `skillos.optimization/v1`: the answer of `optimize`, with the active variant after it. */
export function optimizationDocument(
  { skill, experiment: { active } }: Summary,
  verdict: Verdict,
): ExperimentDocument {
  return { schema: 'skillos.optimization/v1', skill, active, ...decided(verdict) };
}

/** By variant, in the order of the experiment. */
export function summariesOf({ experiment, results }: Summary): ReadonlyMap<string, VariantSummary> {
  const all = experiment.variants.map((variant) => results.get(variant) ?? NO_RESULTS);
  const best = probabilitiesBest(all);
  return new Map(
    experiment.variants.map((variant, row) => [
      variant,
      summaryOf(all[row] as VariantResults, best[row] as number), // one of each for every variant
    ]),
  );
}

function summaryOf(results: VariantResults, probabilityBest: number): VariantSummary {
  const { successes, failures, cost } = results;
  const [low, high] = rateInterval(results);
  const p95 = p95Of(results);
  return {
    results: successes + failures,
    successes,
    failures,
    rate: rounded(rateOf(results)),
    interval: [rounded(low), rounded(high)],
    probability_best: rounded(probabilityBest),
    ...(cost === undefined ? {} : { cost: rounded(inUnits(cost)) }),
    ...(p95 === undefined ? {} : { p95_ms: p95 }),
  };
}

function decisionDocument(decision: Decision): JsonObject {
  return { at: decision.at, by: decision.by.subject, ...decided(decision) };
}

/** Field names of the predecessor's decision log. */
function decided(verdict: Verdict | Decision): JsonObject {
  if (verdict.action === 'no_action') return { action: verdict.action, reason: verdict.reason };
  const { action, reason, from, to, rates, probability, guard } = verdict;
  const metrics =
    action === 'promote'
      ? { active: rates.from, candidate: rates.to }
      : { active: rates.from, previous: rates.to };
  return {
    action,
    reason,
    from_variant: from,
    to_variant: to,
    metrics: { ...metrics, delta: rates.delta, probability },
    ...(guard === undefined ? {} : { guard }),
  };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
