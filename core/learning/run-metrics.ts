/** Metrics of real runs and of the router: rates, durations, costs. */
import type { JsonObject } from '../json.ts';
import { inUnits } from '../values/amount.ts';
import type { EndedRun, RoutedRequest } from './ended-runs.ts';

export interface SkillMetrics {
  readonly runs: number;
  readonly success: number;
  readonly error: number;
  readonly blocked: number;
  readonly cancelled: number;
  /** Share of successes among the runs that succeeded or failed; absent without any. */
  readonly successRate?: number;
  /** Of the runs that began, in milliseconds, as is the next; absent without any. */
  readonly p50?: number;
  readonly p95?: number;
  /** Mean number of attempts of a step that succeeded or failed; absent without any. */
  readonly attemptsPerStep?: number;
  /** Median wait for an approval, in milliseconds. */
  readonly waitedP50?: number;
  /** Sum, in 1/10,000. */
  readonly cost: number;
  /** Number of runs by error code, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface RunMetrics {
  readonly all: SkillMetrics;
  /** By skill, sorted by id; `pipeline` for runs of several. */
  readonly skills: ReadonlyMap<string, SkillMetrics>;
  readonly routing: RoutingRates;
}

interface RoutingRates {
  readonly requests: number;
  /** Share that was not routed to a skill; absent, as is the next, without requests. */
  readonly abstentionRate?: number;
  /** Share for which the caller chose the skill against the router. */
  readonly overrideRate?: number;
}

export function runMetrics(ends: readonly EndedRun[], requests: readonly RoutedRequest[]): RunMetrics {
  const counter = metricsCounter();
  for (const end of ends) counter.countEnd(end);
  for (const request of requests) counter.countRequest(request);
  return counter.metrics();
}

/** Counts one by one, so that the lines of a long log are not all in memory. */
interface MetricsCounter {
  countEnd(end: EndedRun): void;
  countRequest(request: RoutedRequest): void;
  /** Of what was counted so far. */
  metrics(): RunMetrics;
}

export function metricsCounter(): MetricsCounter {
  const all = emptyTally();
  const bySkill = new Map<string, Tally>();
  const requests = { total: 0, abstained: 0, overrides: 0 };
  return {
    countEnd(end) {
      let ofSkill = bySkill.get(end.skill);
      if (ofSkill === undefined) bySkill.set(end.skill, (ofSkill = emptyTally()));
      count(all, end);
      count(ofSkill, end);
    },
    countRequest({ status, override }) {
      requests.total += 1;
      if (status !== 'routed') requests.abstained += 1;
      if (override === true) requests.overrides += 1;
    },
    metrics() {
      const skills = [...bySkill].sort(([a], [b]) => (a < b ? -1 : 1));
      return {
        all: metricsOf(all),
        skills: new Map(skills.map(([skill, tally]) => [skill, metricsOf(tally)])),
        routing: ratesOf(requests),
      };
    },
  };
}

/** Sums of many ends. */
interface Tally {
  runs: number;
  cost: number;
  steps: number;
  attempts: number;
  readonly statuses: Map<string, number>;
  readonly reasons: Map<string, number>;
  readonly durations: number[];
  readonly waits: number[];
}

function emptyTally(): Tally {
  return {
    runs: 0,
    cost: 0,
    steps: 0,
    attempts: 0,
    statuses: new Map(),
    reasons: new Map(),
    durations: [],
    waits: [],
  };
}

function count(tally: Tally, end: EndedRun): void {
  const { status, reason, duration_ms: duration, waited_ms: waited, steps = 0, attempts = 0 } = end;
  tally.runs += 1;
  tally.cost += end.cost;
  tally.steps += steps;
  tally.attempts += attempts;
  increase(tally.statuses, status);
  if (reason !== undefined) increase(tally.reasons, reason);
  if (duration !== undefined) tally.durations.push(duration);
  if (waited !== undefined) tally.waits.push(waited);
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function metricsOf(tally: Tally): SkillMetrics {
  const { runs, cost, steps, attempts, statuses, reasons } = tally;
  const of = (status: string) => statuses.get(status) ?? 0;
  const [success, error] = [of('success'), of('error')];
  const [durations, waits] = [sorted(tally.durations), sorted(tally.waits)];
  const [p50, p95, waitedP50] = [quantile(durations, 0.5), quantile(durations, 0.95), quantile(waits, 0.5)];
  return {
    runs,
    success,
    error,
    blocked: of('blocked'),
    cancelled: of('cancelled'),
    ...(success + error > 0 && { successRate: success / (success + error) }),
    ...(p50 !== undefined && { p50 }),
    ...(p95 !== undefined && { p95 }),
    ...(steps > 0 && { attemptsPerStep: attempts / steps }),
    ...(waitedP50 !== undefined && { waitedP50 }),
    cost,
    reasons: Object.fromEntries([...reasons].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))),
  };
}

interface Requests {
  total: number;
  abstained: number;
  overrides: number;
}

function ratesOf({ total, abstained, overrides }: Readonly<Requests>): RoutingRates {
  if (total === 0) return { requests: 0 };
  return { requests: total, abstentionRate: abstained / total, overrideRate: overrides / total };
}

/** A typed array sorts numbers without a function that compares, which is several times as fast. */
function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

/** Nearest rank; undefined without values. */
function quantile(values: Float64Array, share: number): number | undefined {
  return values[Math.ceil(share * values.length) - 1];
}

/** `skillos.run_metrics/v1`. */
export function runMetricsDocument(
  { all, skills, routing }: RunMetrics,
  more: JsonObject,
): JsonObject & { readonly schema: string } {
  return {
    schema: 'skillos.run_metrics/v1',
    ...more,
    all: skillDocument(all),
    skills: Object.fromEntries([...skills].map(([skill, metrics]) => [skill, skillDocument(metrics)])),
    routing: {
      requests: routing.requests,
      ...(routing.abstentionRate !== undefined && { abstention_rate: rounded(routing.abstentionRate) }),
      ...(routing.overrideRate !== undefined && { override_rate: rounded(routing.overrideRate) }),
    },
  };
}

function skillDocument(metrics: SkillMetrics): JsonObject {
  const { runs, success, error, blocked, cancelled, cost, reasons } = metrics;
  const { successRate, p50, p95, attemptsPerStep, waitedP50 } = metrics;
  return {
    runs,
    success,
    error,
    blocked,
    cancelled,
    ...(successRate !== undefined && { success_rate: rounded(successRate) }),
    ...(p50 !== undefined && { p50_ms: p50 }),
    ...(p95 !== undefined && { p95_ms: p95 }),
    ...(attemptsPerStep !== undefined && { attempts_per_step: rounded(attemptsPerStep) }),
    ...(waitedP50 !== undefined && { waited_p50_ms: waitedP50 }),
    cost: inUnits(cost),
    reasons,
  };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
