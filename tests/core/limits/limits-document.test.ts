import { parseConfig } from '../../../core/settings/config.ts';
import { budgetDocument, circuitItem } from '../../../core/limits/limits-document.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const settings = parseConfig({});

describe('budgetDocument', () => {
  test('speaks decimal units, also of a tenant that ran nothing', () => {
    expect(budgetDocument('acme', undefined, { now: NOON, settings })).toEqual({
      schema: 'skillos.budget/v1',
      tenant: 'acme',
      per_request: { limit: 5 },
      daily: { limit: 50, spent: 0, reserved: 0, remaining: 50 },
      monthly: { limit: 200, spent: 0, reserved: 0, remaining: 200 },
      low_remaining: 10,
      tier: 'standard',
      step_cost: 1,
      runs_in_flight: 0,
    });
  });

  test('shows spent and reserved amounts and the tier', () => {
    const reservation = {
      day: '2026-11-22',
      leaseUntil: 0,
      tier: 'standard',
      amount: 5,
      stepCost: 5,
    } as const;
    const limits = { spent: { '2026-11-22': 450_000 }, reservations: { r: reservation }, circuits: {} };
    expect(budgetDocument('acme', limits, { now: NOON, settings })).toMatchObject({
      daily: { limit: 50, spent: 45, reserved: 0.0005, remaining: 4.9995 },
      tier: 'cheap',
      step_cost: 0.5,
      runs_in_flight: 1,
    });
  });
});

describe('circuitItem', () => {
  test('tells of failures, and of an open circuit when it is tried again', () => {
    const circuit = { failures: 2, lastFailureAt: NOON };
    expect(circuitItem({ skill: 'a/b', status: 'closed', circuit })).toEqual({
      skill: 'a/b',
      status: 'closed',
      failures: 2,
      last_failure_at: '2026-11-22T12:00:00.000Z',
      probes: 0,
    });
    const opened = { ...circuit, openedAt: NOON, probes: { run: NOON } };
    expect(
      circuitItem({ skill: 'a/b', status: 'half_open', circuit: opened, retryAt: NOON + 1 }),
    ).toMatchObject({
      opened_at: '2026-11-22T12:00:00.000Z',
      retry_at: '2026-11-22T12:00:00.001Z',
      probes: 1,
    });
  });
});
