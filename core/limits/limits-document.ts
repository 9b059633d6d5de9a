/** Budget and circuits as JSON documents; amounts are in decimal units. */
import { inUnits } from '../values/amount.ts';
import { stepCostOf } from './budget.ts';
import type { ModelTier, WindowState } from './budget.ts';
import type { CircuitStatus } from './circuit.ts';
import { isoTime } from '../values/iso-time.ts';
import { budgetOf } from './limits.ts';
import type { CircuitState, LimitSettings, Limits } from './limits.ts';

export type WindowDocument = {
  readonly limit: number;
  readonly spent: number;
  readonly reserved: number;
  readonly remaining: number;
};

export type BudgetDocument = {
  readonly schema: 'skillos.budget/v1';
  readonly tenant: string;
  readonly per_request: Pick<WindowDocument, 'limit'>;
  readonly daily: WindowDocument;
  readonly monthly: WindowDocument;
  readonly low_remaining: number;
  readonly tier: ModelTier;
  /** Cost of a step without a cost in its manifest. */
  readonly step_cost: number;
  readonly runs_in_flight: number;
};

/** The document of `skillos budget --json` and `GET /budget`. */
export function budgetDocument(
  tenant: string,
  current: Limits | undefined,
  { now, settings }: { readonly now: number; readonly settings: LimitSettings },
): BudgetDocument {
  const { daily, monthly, tier } = budgetOf(current, now, settings);
  return {
    schema: 'skillos.budget/v1',
    tenant,
    per_request: { limit: inUnits(settings.budgetPerRequest) },
    daily: windowDocument(daily),
    monthly: windowDocument(monthly),
    low_remaining: inUnits(settings.budgetLowRemaining),
    tier,
    step_cost: inUnits(stepCostOf(tier, settings)),
    runs_in_flight: Object.keys(current?.reservations ?? {}).length,
  };
}

export type CircuitItem = {
  readonly skill: string;
  readonly status: CircuitStatus;
  readonly failures: number;
  /** ISO 8601, as all times here. */
  readonly last_failure_at: string;
  readonly opened_at?: string;
  readonly retry_at?: string;
  /** Number of admitted probes that have not ended. */
  readonly probes: number;
};

/** A circuit in a list. */
export function circuitItem({ skill, status, circuit, retryAt }: CircuitState): CircuitItem {
  return {
    skill,
    status,
    failures: circuit.failures,
    last_failure_at: isoTime(circuit.lastFailureAt),
    ...(circuit.openedAt === undefined ? {} : { opened_at: isoTime(circuit.openedAt) }),
    ...(retryAt === undefined ? {} : { retry_at: isoTime(retryAt) }),
    probes: Object.keys(circuit.probes ?? {}).length,
  };
}

function windowDocument({ limit, spent, reserved, remaining }: WindowState): WindowDocument {
  return {
    limit: inUnits(limit),
    spent: inUnits(spent),
    reserved: inUnits(reserved),
    remaining: inUnits(remaining),
  };
}
