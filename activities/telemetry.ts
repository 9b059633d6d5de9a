/** The event log around the activities: what came of each is told, and nothing waits for that. */
import { ApplicationFailure } from '@temporalio/common';
import type { EventLog } from '../core/ports.ts';
import { askedAtOf, requestIdOf } from '../core/run-id.ts';
import { claimedHappenings, preparedHappenings, settledHappenings } from '../core/run-telemetry.ts';
import { onlyStep } from '../core/run.ts';
import type { Prepared, RunRequest } from '../core/run.ts';
import type { Happening } from '../core/telemetry.ts';
import { currentExecution } from './execution.ts';
import { isHeldBack } from './failures.ts';
import type { Activities } from './index.ts';

interface TelemetryPorts {
  readonly events: EventLog;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What `prepare` came to, also where it is part of a step's activity. */
export function tellPrepared(ports: TelemetryPorts, request: RunRequest, prepared: Prepared): void {
  tell(ports, preparedHappenings(request, prepared), request.tenant);
}

function tell({ events }: TelemetryPorts, happenings: readonly Happening[], tenant?: string): void {
  const { id } = currentExecution();
  const context = { request_id: requestIdOf(id), run_id: id, ...(tenant === undefined ? {} : { tenant }) };
  for (const happening of happenings) events.emit({ ...context, ...happening });
}

export function withEvents(activities: Activities, ports: TelemetryPorts): Activities {
  const { now } = ports;
  const ended = () => {
    const { id } = currentExecution();
    return { skill: skillIn(id), durationMs: now() - (askedAtOf(id) ?? now()) };
  };
  return {
    ...activities,
    prepare: async (request) => {
      const prepared = await activities.prepare(request);
      tellPrepared(ports, request, prepared);
      return prepared;
    },
    claim: async (request, prepared) => {
      const claim = await activities.claim(request, prepared);
      tell(ports, claimedHappenings(request, prepared, claim), request.tenant);
      return claim;
    },
    settle: async (request, settlement, account) => {
      const settled = await activities.settle(request, settlement, account);
      tell(ports, settledHappenings(settled, ended()), request.tenant);
      return settled;
    },
    default: async (input) => {
      const began = now();
      const { number: order, skill } = 'opens' in input ? onlyStep(input.opens) : input.step;
      const step = () => ({
        event: 'pipeline_step' as const,
        step_id: `${currentExecution().id}:${order}`,
        order,
        skill_id: skill,
        duration_ms: now() - began,
      });
      try {
        const result = await activities.default(input);
        tell(ports, [{ ...step(), status: 'success' }]);
        const { settled, ...output } = result;
        if (settled === true) tell(ports, settledHappenings({ status: 'success', output }, ended()));
        return result;
      } catch (error) {
        if (isHeldBack(error)) throw error;
        const code = error instanceof ApplicationFailure ? (error.type ?? 'internal') : 'run_cancelled';
        const status = code === 'run_cancelled' ? 'cancelled' : 'error';
        tell(ports, [{ ...step(), status, error_class: code }]);
        throw error;
      }
    },
  };
}

/** A run is called by its skill, or `pipeline`. */
function skillIn(runId: string): string {
  return runId.slice(0, runId.lastIndexOf('-')).replace('.', '/');
}
