/** What has to hold when all faults are over, decided from what was found. */
import type { Limits } from '../../core/limits/limits.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { isInFlight } from '../../core/runs/run.ts';
import { parseFiredRunId } from '../../core/values/schedule-id.ts';
import { KINDS } from './orders.ts';
import type { Order } from './orders.ts';
import type { Effect } from './root.ts';

/** Everything that was found when it was over. */
export interface Evidence {
  readonly orders: readonly Order[];
  /** Answers of the API that no fault explains. */
  readonly refusals: readonly string[];
  readonly records: readonly RunRecord[];
  /** Status of each workflow by its id, as Temporal names it. */
  readonly workflows: ReadonlyMap<string, string>;
  readonly effects: readonly Effect[];
  readonly limits: ReadonlyMap<string, Limits>;
  /** In 1/10,000. */
  readonly dailyLimit: number;
  /** Run ids of the times of the schedule. */
  readonly firings: readonly string[];
  /** Ids of runs that the audit log allows, one for each such entry. */
  readonly allowed: readonly string[];
  /** Faults of the audit log. */
  readonly auditFaults: readonly string[];
  /** Command lines of processes that are left when all were stopped. */
  readonly orphans: readonly string[];
}

export interface Finding {
  readonly invariant: string;
  /** Number of things that were looked at. */
  readonly checked: number;
  readonly violations: readonly string[];
}

/** Status of the workflow of a run that has ended so. */
const WORKFLOW_ENDS: Readonly<Record<string, string>> = {
  success: 'COMPLETED',
  blocked: 'COMPLETED',
  error: 'FAILED',
  cancelled: 'CANCELLED',
};

export function findingsOf(evidence: Evidence): readonly Finding[] {
  return [
    { invariant: 'the API refuses nothing', checked: evidence.orders.length, violations: evidence.refusals },
    nothingLost(evidence),
    nothingDoubled(evidence),
    effectsOnce(evidence),
    firingsOnce(evidence),
    recordsAgree(evidence),
    budgetsExact(evidence),
    auditWhole(evidence),
    queuesEmpty(evidence),
    { invariant: 'no process is left', checked: 1, violations: evidence.orphans },
  ];
}

function nothingLost({ orders, records }: Evidence): Finding {
  const byId = new Map(records.map((record) => [record.id, record]));
  const violations = orders.flatMap(({ id, kind, runId }) => {
    if (runId === undefined) return [`${id} was never acknowledged`];
    const record = byId.get(runId);
    if (record === undefined) return [`${id} was acknowledged as ${runId}, which has no record`];
    const ends: readonly string[] = KINDS[kind];
    const end = endOf(record);
    return ends.includes(end) ? [] : [`${id} (${runId}) is ${end}, expected ${ends.join(' or ')}`];
  });
  return { invariant: 'every acknowledged run ends as it must', checked: orders.length, violations };
}

function endOf({ status, reason, error }: RunRecord): string {
  const why = reason ?? error?.code;
  return status === 'success' || status === 'cancelled' || why === undefined ? status : `${status} ${why}`;
}

/** Each order is sent under one key until it is acknowledged, and each firing has one time, so there is one run for each. */
function nothingDoubled({ orders, records }: Evidence): Finding {
  const known = new Set(orders.map(({ runId }) => runId));
  const violations = records
    .filter(({ id }) => !known.has(id) && parseFiredRunId(id)?.attempt !== 1)
    .map(({ id, status }) => `nobody was told of the run ${id} (${status})`);
  return { invariant: 'one run for each order and firing', checked: records.length, violations };
}

/** A call of a careful skill leaves one effect under its key, and one of a careless skill an effect for each call. */
function effectsOnce({ records, effects }: Evidence): Finding {
  const counts = new Map<string, number>();
  const stepOf = (run: string, step: number) => `${run}:${step}`;
  for (const { run, step } of effects)
    counts.set(stepOf(run, step), (counts.get(stepOf(run, step)) ?? 0) + 1);
  const violations = [...counts]
    .filter(([, count]) => count > 1)
    .map(([step, count]) => `${step} had its effect ${count} times`);
  for (const { id, status, succeeded = [] } of records) {
    for (const step of succeeded) {
      if (!counts.has(stepOf(id, step))) violations.push(`${stepOf(id, step)} succeeded without its effect`);
    }
    if (status === 'success' && succeeded.length === 0) violations.push(`${id} is a success without a step`);
    if (status === 'blocked' && [...counts.keys()].some((step) => step.startsWith(`${id}:`)))
      violations.push(`${id} is blocked and had an effect`);
  }
  return { invariant: 'every effect once', checked: effects.length, violations };
}

function firingsOnce({ records, firings }: Evidence): Finding {
  const byId = new Map(records.map((record) => [record.id, record]));
  const violations = firings.flatMap((id) => {
    const end = byId.get(id)?.status ?? 'missing';
    return end === 'success' ? [] : [`${id} is ${end}, expected success`];
  });
  return { invariant: 'every firing of the schedule runs', checked: firings.length, violations };
}

function recordsAgree({ records, workflows }: Evidence): Finding {
  const ids = new Set(records.map(({ id }) => id));
  const violations = records.flatMap(({ id, status }) => {
    const found = workflows.get(id) ?? 'missing';
    const expected = isInFlight(status) ? 'RUNNING' : WORKFLOW_ENDS[status];
    return found === expected ? [] : [`${id} is ${status}, its workflow ${found}`];
  });
  const unrecorded = [...workflows.keys()].filter((id) => !ids.has(id));
  return {
    invariant: 'records and Temporal agree',
    checked: workflows.size,
    violations: [...violations, ...unrecorded.map((id) => `${id} has a workflow and no record`)],
  };
}

function budgetsExact({ records, limits, dailyLimit }: Evidence): Finding {
  const violations: string[] = [];
  for (const [tenant, { spent, reservations }] of limits) {
    const claimed = records.filter(({ tenant: of, claim }) => of === tenant && claim !== undefined);
    const charged = claimed.reduce((sum, { cost = 0 }) => sum + cost, 0);
    const counted = sumOf(spent, (window) => window.length === 'YYYY-MM'.length);
    violations.push(...Object.keys(reservations).map((key) => `${tenant} has a reservation left: ${key}`));
    if (counted !== charged) violations.push(`${tenant} spent ${counted}, its runs cost ${charged}`);
    for (const [day, amount] of Object.entries(spent)) {
      if (day.length > 'YYYY-MM'.length && amount > dailyLimit)
        violations.push(`${tenant} spent ${amount} on ${day}, more than ${dailyLimit}`);
    }
  }
  return { invariant: 'budgets exact, no room lost', checked: limits.size, violations };
}

function sumOf(spent: Limits['spent'], isCounted: (window: string) => boolean): number {
  return Object.entries(spent).reduce((sum, [window, amount]) => sum + (isCounted(window) ? amount : 0), 0);
}

function auditWhole({ records, allowed, auditFaults }: Evidence): Finding {
  const logged = new Set(allowed);
  const silent = records
    .filter(({ id, status }) => status === 'success' && !logged.has(id))
    .map(({ id }) => `${id} ran without an audit entry`);
  return {
    invariant: 'the audit log is whole',
    checked: allowed.length,
    violations: [...auditFaults, ...silent],
  };
}

/** Also of runs that were not acknowledged. */
function queuesEmpty({ records, workflows }: Evidence): Finding {
  const open = records
    .filter(({ status }) => isInFlight(status))
    .map(({ id, status }) => `${id} is ${status}`);
  const running = [...workflows].filter(([, status]) => status === 'RUNNING').map(([id]) => `${id} is open`);
  return { invariant: 'nothing is in flight', checked: records.length, violations: [...open, ...running] };
}
