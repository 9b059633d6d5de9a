/** Guards of an experiment: by how much a variant may be worse than the one before it. */
import { p95Of, invalid, quote } from './experiment.ts';
import type { VariantResults } from './experiment.ts';
import { probabilityBetter, rateOf } from './posterior.ts';

export interface Guards {
  /** Difference of error rates, 0 to 1. */
  readonly errorRate: number;
  /** Relative increase of the 95th percentile of durations: 0.2 is a fifth. */
  readonly p95?: number;
  /** Relative increase of the mean cost. */
  readonly cost?: number;
}

const DEFAULT_ERROR_RATE = 0.05;
const EXPECTED = 'error_rate=+0.05, p95=+20% or cost=+10%';

/** Parses texts such as `p95=+20%`; the last of a kind counts. Throws `experiment_invalid`. */
export function parseGuards(texts: readonly string[]): Guards {
  return Object.assign({ errorRate: DEFAULT_ERROR_RATE }, ...texts.map(parseGuard)) as Guards; // the last of a kind
}

function parseGuard(text: string): Partial<Guards> {
  const [, name, number, percent] = /^(error_rate|p95|cost)=\+(\d{1,4}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? [];
  const limit = Number(number);
  if (name === 'error_rate' && percent === '' && limit <= 1) return { errorRate: limit };
  if (name === 'p95' && percent === '%') return { p95: limit / 100 };
  if (name === 'cost' && percent === '%') return { cost: limit / 100 };
  throw invalid(`Invalid guard ${quote(text)}: expected ${EXPECTED}`);
}

/** Probability that the error rate is higher indeed, so that chance alone breaks no guard. */
const LEAST_PROBABILITY = 0.95;

/** Returns the name of the first guard that `variant` breaks compared with `before`. */
export function brokenGuard(
  guards: Guards,
  { variant, before, minSamples }: Compared,
): 'error_rate' | 'p95' | 'cost' | undefined {
  if (
    rateOf(before) - rateOf(variant) > guards.errorRate &&
    probabilityBetter(before, variant) >= LEAST_PROBABILITY
  ) {
    return 'error_rate';
  }
  const areMeasured = [variant, before].every(({ durations }) => durations.length >= minSamples);
  if (areMeasured && exceeds(p95Of(variant), p95Of(before), guards.p95)) return 'p95';
  return exceeds(variant.cost, before.cost, guards.cost) ? 'cost' : undefined;
}

interface Compared {
  readonly variant: VariantResults;
  readonly before: VariantResults;
  /** Fewer durations than these are not compared. */
  readonly minSamples: number;
}

function exceeds(value: number | undefined, before: number | undefined, limit: number | undefined): boolean {
  return value !== undefined && before !== undefined && limit !== undefined && value > before * (1 + limit);
}
