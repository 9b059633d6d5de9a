/** Wraps the activities so that each reports its outcome to the event log. */
import { ApplicationFailure } from '@temporalio/common';
import { requestedAtOf } from '../core/values/run-id.ts';
import { claimedEvents, settledEvents } from '../core/telemetry/run-events.ts';
import { currentExecution } from './execution.ts';
import { report, reportPrepared } from './events.ts';
import type { EventPorts } from './events.ts';
import { scheduledStep } from './fast-path.ts';
import { isDeferred } from './fast-path/opening.ts';
import type { Activities } from './index.ts';

export function withEvents(activities: Activities, ports: EventPorts): Activities {
  const { now } = ports;
  const ended = () => {
    const { id } = currentExecution();
    return { skill: skillIn(id), durationMs: now() - (requestedAtOf(id) ?? now()) };
  };
  return {
    ...activities,
    prepare: async (request) => {
      const prepared = await activities.prepare(request);
      reportPrepared(ports, request, prepared);
      return prepared;
    },
    claim: async (request, prepared) => {
      const claim = await activities.claim(request, prepared);
      report(ports, claimedEvents(request, prepared, claim), request.tenant);
      return claim;
    },
    settle: async (request, settlement, account) => {
      const settled = await activities.settle(request, settlement, account);
      report(ports, settledEvents(settled, ended()), request.tenant);
      return settled;
    },
    default: async (input) => {
      const began = now();
      const { number: order, skill } = scheduledStep(input);
      const step = () => ({
        event: 'pipeline_step' as const,
        step_id: `${currentExecution().id}:${order}`,
        order,
        skill_id: skill,
        duration_ms: now() - began,
      });
      try {
        const result = await activities.default(input);
        report(ports, [{ ...step(), status: 'success' }]);
        const { settled, ...output } = result;
        if (settled === true) report(ports, settledEvents({ status: 'success', output }, ended()));
        return result;
      } catch (error) {
        if (isDeferred(error)) throw error;
        const code = error instanceof ApplicationFailure ? (error.type ?? 'internal') : 'run_cancelled';
        const status = code === 'run_cancelled' ? 'cancelled' : 'error';
        report(ports, [{ ...step(), status, error_class: code }]);
        throw error;
      }
    },
  };
}

/** Returns the skill in a run id, which begins with the skill's id or with `pipeline`. */
function skillIn(runId: string): string {
  return runId.slice(0, runId.lastIndexOf('-')).replace('.', '/');
}
