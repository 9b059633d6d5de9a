/** The event log around the activities: what came of each is told, and nothing waits for that. */
import { ApplicationFailure } from '@temporalio/common';
import type { EventLog } from '../core/ports.ts';
import { askedAtOf, requestIdOf } from '../core/run-id.ts';
import { claimedHappenings, preparedHappenings, settledHappenings } from '../core/run-telemetry.ts';
import type { Happening } from '../core/telemetry.ts';
import { currentExecution } from './execution.ts';
import type { Activities } from './index.ts';

interface TelemetryPorts {
  readonly events: EventLog;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function withEvents(activities: Activities, { events, now }: TelemetryPorts): Activities {
  const tell = (happenings: readonly Happening[], tenant?: string): void => {
    const { id } = currentExecution();
    const context = { request_id: requestIdOf(id), run_id: id, ...(tenant === undefined ? {} : { tenant }) };
    for (const happening of happenings) events.emit({ ...context, ...happening });
  };
  const ended = () => {
    const { id } = currentExecution();
    return { skill: skillIn(id), durationMs: now() - (askedAtOf(id) ?? now()) };
  };
  return {
    ...activities,
    prepare: async (request) => {
      const prepared = await activities.prepare(request);
      tell(preparedHappenings(request, prepared), request.tenant);
      return prepared;
    },
    claim: async (request, prepared) => {
      const claim = await activities.claim(request, prepared);
      tell(claimedHappenings(request, prepared, claim), request.tenant);
      return claim;
    },
    settle: async (request, settlement, account) => {
      const settled = await activities.settle(request, settlement, account);
      tell(settledHappenings(settled, ended()), request.tenant);
      return settled;
    },
    default: async (input) => {
      const began = now();
      const { number: order, skill } = input.step;
      const step = () => ({
        event: 'pipeline_step' as const,
        step_id: `${currentExecution().id}:${order}`,
        order,
        skill_id: skill,
        duration_ms: now() - began,
      });
      try {
        const result = await activities.default(input);
        tell([{ ...step(), status: 'success' }]);
        const { settled, ...output } = result;
        if (settled === true) tell(settledHappenings({ status: 'success', output }, ended()));
        return result;
      } catch (error) {
        const code = error instanceof ApplicationFailure ? (error.type ?? 'internal') : 'run_cancelled';
        const status = code === 'run_cancelled' ? 'cancelled' : 'error';
        tell([{ ...step(), status, error_class: code }]);
        throw error;
      }
    },
  };
}

/** A run is called by its skill, or `pipeline`. */
function skillIn(runId: string): string {
  return runId.slice(0, runId.lastIndexOf('-')).replace('.', '/');
}
