/** Gauges with the figures of `skillos metrics`, for Prometheus. Labels come from closed sets: never ids of skills. */
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { RunMetrics } from '../../core/learning/run-metrics.ts';
import { inUnits } from '../../core/values/amount.ts';

/** Resolves to the figures of the last seven days, as they are now. */
export type RunFigures = () => Promise<RunMetrics>;

interface FigureGauge {
  readonly name: string;
  readonly help: string;
  readonly label?: string;
  /** By value of the label, empty without one; undefined where nothing was counted, which Prometheus writes as NaN. */
  readonly valuesOf: (found: RunMetrics) => Readonly<Record<string, number | undefined>>;
}

const GAUGES: readonly FigureGauge[] = [
  {
    name: 'skillos_recent_runs',
    help: 'Runs that ended within the last seven days.',
    label: 'status',
    valuesOf: ({ all: { success, error, blocked, cancelled } }) => ({ success, error, blocked, cancelled }),
  },
  {
    name: 'skillos_recent_run_seconds',
    help: 'Quantiles of the durations of these runs.',
    label: 'quantile',
    valuesOf: ({ all: { p50 = NaN, p95 = NaN } }) => ({ '0.5': p50 / 1000, '0.95': p95 / 1000 }),
  },
  {
    name: 'skillos_recent_success_ratio',
    help: 'Share of successes among these runs that succeeded or failed.',
    valuesOf: ({ all }) => ({ '': all.successRate }),
  },
  {
    name: 'skillos_recent_attempts_per_step',
    help: 'Mean number of attempts of the steps of these runs.',
    valuesOf: ({ all }) => ({ '': all.attemptsPerStep }),
  },
  {
    name: 'skillos_recent_run_cost',
    help: 'Sum of what was charged for these runs.',
    valuesOf: ({ all }) => ({ '': inUnits(all.cost) }),
  },
  {
    name: 'skillos_recent_routed_queries',
    help: 'Queries that were routed within the last seven days.',
    valuesOf: ({ routing }) => ({ '': routing.requests }),
  },
  {
    name: 'skillos_recent_abstention_ratio',
    help: 'Share of these queries that went to no skill.',
    valuesOf: ({ routing }) => ({ '': routing.abstentionRate }),
  },
  {
    name: 'skillos_recent_override_ratio',
    help: 'Share of these queries for which the caller chose the skill.',
    valuesOf: ({ routing }) => ({ '': routing.overrideRate }),
  },
];

/** They keep their values while the store cannot be reached. */
export function openRunGauges(registry: Registry, figures: RunFigures): void {
  const read = sharedReading(figures);
  for (const { name, help, label, valuesOf } of GAUGES) {
    const made: Gauge = new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
      async collect() {
        const found = await read();
        if (found === undefined) return;
        for (const [key, value = NaN] of Object.entries(valuesOf(found))) {
          made.set(label === undefined ? {} : { [label]: key }, value);
        }
      },
    });
    if (label === undefined) made.set(NaN); // until the store was read
  }
}

/** The figures are counted from logs, so a scrape does not always read the logs again. */
const FRESH_MS = 60_000;
/** Readings take at most one part in so many of the time. */
const COST_FACTOR = 20;

/** One reading serves all gauges for a minute, or longer if it is slow; one that fails is repeated at the next scrape. */
function sharedReading(figures: RunFigures): () => Promise<RunMetrics | undefined> {
  let reading: Promise<RunMetrics | undefined> | undefined;
  let freshUntil = -Infinity;
  return () => {
    if (reading !== undefined && performance.now() < freshUntil) return reading;
    const began = performance.now();
    freshUntil = Infinity; // one reading at a time
    const endAfter = (freshMs: number) => {
      freshUntil = performance.now() + freshMs;
    };
    reading = figures().then(
      (found) => {
        endAfter(Math.max(FRESH_MS, COST_FACTOR * (performance.now() - began)));
        return found;
      },
      () => {
        endAfter(-Infinity);
        return undefined;
      },
    );
    return reading;
  };
}
