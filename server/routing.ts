/** Routing for one request, and what the event log is told of it. */
import { queryFields } from '../core/telemetry.ts';
import type { Happening } from '../core/telemetry.ts';
import { routingHappenings } from '../core/run-telemetry.ts';
import type { Routing } from '../core/routing.ts';
import type { Call } from './endpoint.ts';
import type { RunRequest } from './schemas/runs.ts';

export interface RequestRouting {
  readonly route: (text: string) => Promise<Routing>;
  /** What was found, in the end. */
  readonly tell: (found: readonly Routing[]) => void;
}

export async function openRouting(call: Call<unknown, RunRequest>): Promise<RequestRouting> {
  const { body, services, requestId } = call;
  const rights = await call.rights(body.role);
  const began = performance.now();
  const emit = (happenings: readonly Happening[]) => {
    for (const happening of happenings) {
      services.events.emit({ request_id: requestId, tenant: rights.tenant, ...happening });
    }
  };
  emit([{ event: 'request_received', ...queryFields(body.query) }]);
  return {
    async route(text) {
      const asked = performance.now();
      const found = await services.route({ text, tags: body.tags }, rights);
      services.metrics.routed(found.status, (performance.now() - asked) / 1000);
      return found;
    },
    tell(found) {
      const latencyMs = Math.round(performance.now() - began);
      for (const each of found) emit(routingHappenings(each, latencyMs));
    },
  };
}
