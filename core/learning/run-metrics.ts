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
  const bySkill = new Map<string, EndedRun[]>();
  for (const end of ends) {
    const group = bySkill.get(end.skill);
    if (group === undefined) bySkill.set(end.skill, [end]);
    else group.push(end);
  }
  const skills = [...bySkill].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    all: metricsOf(ends),
    skills: new Map(skills.map(([skill, group]) => [skill, metricsOf(group)])),
    routing: ratesOf(requests),
  };
}

function metricsOf(ends: readonly EndedRun[]): SkillMetrics {
  const count = (status: string) => ends.filter((end) => end.status === status).length;
  const [success, error] = [count('success'), count('error')];
  const durations = sorted(ends.flatMap(({ duration_ms: ms }) => ms ?? []));
  const waits = sorted(ends.flatMap(({ waited_ms: ms }) => ms ?? []));
  const [steps, attempts] = [sumOf(ends, 'steps'), sumOf(ends, 'attempts')];
  const [p50, p95, waitedP50] = [quantile(durations, 0.5), quantile(durations, 0.95), quantile(waits, 0.5)];
  return {
    runs: ends.length,
    success,
    error,
    blocked: count('blocked'),
    cancelled: count('cancelled'),
    ...(success + error > 0 && { successRate: success / (success + error) }),
    ...(p50 !== undefined && { p50 }),
    ...(p95 !== undefined && { p95 }),
    ...(steps > 0 && { attemptsPerStep: attempts / steps }),
    ...(waitedP50 !== undefined && { waitedP50 }),
    cost: ends.reduce((sum, { cost }) => sum + cost, 0),
    reasons: reasonsOf(ends),
  };
}

function sumOf(ends: readonly EndedRun[], field: 'steps' | 'attempts'): number {
  return ends.reduce((sum, { [field]: value = 0 }) => sum + value, 0);
}

function reasonsOf(ends: readonly EndedRun[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { reason } of ends) {
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

function ratesOf(requests: readonly RoutedRequest[]): RoutingRates {
  const total = requests.length;
  if (total === 0) return { requests: 0 };
  const overrides = requests.filter(({ override }) => override === true).length;
  const abstained = requests.filter(({ status }) => status !== 'routed').length;
  return { requests: total, abstentionRate: abstained / total, overrideRate: overrides / total };
}

function sorted(values: readonly number[]): readonly number[] {
  return [...values].sort((a, b) => a - b);
}

/** Nearest rank; undefined without values. */
function quantile(values: readonly number[], share: number): number | undefined {
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
