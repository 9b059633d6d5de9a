/** A claim of a run under an idempotency key, to be changed where a test cares. */
import type { RunClaim } from '../../client/runs/idempotency.ts';

export function aRunClaim(more: Partial<RunClaim> = {}): RunClaim {
  return {
    tenant: 'default',
    principal: { subject: 'ann', via: 'local' },
    operation: 'run',
    key: 'key-1',
    request: { plan: 'travel/search_flights', payload: { to: 'Sochi', from: 'Kazan' } },
    runId: 'run-1',
    ttlSeconds: 300,
    ...more,
  };
}
