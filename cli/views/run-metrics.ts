/** Metrics of runs as tables. */
import { formatAmount } from '../../core/values/amount.ts';
import type { RunMetrics, SkillMetrics } from '../../core/learning/run-metrics.ts';
import { renderTable } from './table.ts';

export function runMetricsText({ all, skills, routing }: RunMetrics): readonly string[] {
  if (all.runs === 0 && routing.requests === 0) return ['no_runs'];
  const rows = [...skills, ['all', all] as const].map(([skill, metrics]) => rowOf(skill, metrics));
  const reasons = Object.entries(all.reasons).map(([reason, count]) => [reason, String(count)]);
  return [
    ...renderTable(
      ['SKILL', 'RUNS', 'SUCCESS', 'P50', 'P95', 'ATTEMPTS', 'BLOCKED', 'CANCELLED', 'WAITED', 'COST'],
      rows,
    ),
    ...(reasons.length === 0 ? [] : ['', ...renderTable(['REASON', 'RUNS'], reasons)]),
    '',
    `routed_queries: ${routing.requests}`,
    `abstention_rate: ${shareOf(routing.abstentionRate)}`,
    `override_rate: ${shareOf(routing.overrideRate)}`,
  ];
}

function rowOf(skill: string, metrics: SkillMetrics): readonly string[] {
  const { runs, successRate, p50, p95, attemptsPerStep, blocked, cancelled, waitedP50, cost } = metrics;
  return [
    skill,
    String(runs),
    shareOf(successRate),
    durationOf(p50),
    durationOf(p95),
    attemptsPerStep === undefined ? '-' : attemptsPerStep.toFixed(2),
    String(blocked),
    String(cancelled),
    durationOf(waitedP50),
    formatAmount(cost),
  ];
}

function shareOf(share: number | undefined): string {
  return share === undefined ? '-' : `${(share * 100).toFixed(1)} %`;
}

function durationOf(ms: number | undefined): string {
  return ms === undefined ? '-' : `${ms} ms`;
}
