/** Wraps the activities so that each reports its outcome to the event log and, if traces are sent, its span. */
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isJobsQueue } from '../core/jobs/jobs-queue.ts';
import { subjectOf } from '../core/plans/plan-title.ts';
import type { RunRequest } from '../core/runs/run.ts';
import { requestedAtOf } from '../core/values/run-id.ts';
import { parseFiredRunId } from '../core/values/schedule-id.ts';
import { settledEvents } from '../core/telemetry/run-events.ts';
import type { EndedRun } from '../core/telemetry/start-events.ts';
import type { OpeningInput, StepInput } from '../workflows/messages.ts';
import { currentExecution } from './execution.ts';
import { report, reportClaimed, reportPrepared } from './events.ts';
import type { EventPorts } from './events.ts';
import { scheduledStep } from './fast-path.ts';
import { isDeferred } from './fast-path/opening.ts';
import { isWait } from './steps/limited-step.ts';
import type { Activities } from './index.ts';
import type { WorkerPorts } from './ports.ts';
import { recordAttempt, recordRun, traceparentIn } from './spans.ts';

export function withEvents(
  activities: Activities,
  ports: EventPorts & Pick<WorkerPorts, 'tracing'>,
): Activities {
  const { now } = ports;
  return {
    ...activities,
    prepare: async (request) => {
      const prepared = await activities.prepare(request);
      reportPrepared(ports, request, prepared);
      return prepared;
    },
    claim: async (request, prepared) => {
      const claim = await activities.claim(request, prepared);
      reportClaimed(ports, request, { prepared, claim });
      return claim;
    },
    settle: async (request, settlement, account) => {
      const settled = await activities.settle(request, settlement, account);
      const run = endedRun(ports, request);
      report(ports, settledEvents(settled, run), request.tenant);
      recordRun(ports, request.traceparent, { settlement: settled, run });
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
        recordAttempt(ports, input, { skill, step: order, startMs: began });
        const { settled, ...output } = result;
        if (settled === true) {
          const settlement = { status: 'success', output } as const;
          const run = endedByStep(ports, input);
          report(ports, settledEvents(settlement, run));
          recordRun(ports, traceparentIn(input), { settlement, run });
        }
        return result;
      } catch (error) {
        if (isDeferred(error) || isWait(error)) throw error;
        const code = error instanceof ApplicationFailure ? (error.type ?? 'internal') : 'run_cancelled';
        const status = code === 'run_cancelled' ? 'cancelled' : 'error';
        report(ports, [{ ...step(), status, error_class: code }]);
        recordAttempt(ports, input, { skill, step: order, startMs: began, error: code });
        throw error;
      }
    },
  };
}

function endedRun(ports: EventPorts, request: RunRequest): EndedRun {
  const { schedule, job, maxRetries } = request;
  return { ...endedNow(ports), skill: subjectOf(request), schedule, isJob: job !== undefined, maxRetries };
}

/** A step does not know the request of its run, unless it opens the run: the id and the queue say what started it. */
function endedByStep(ports: EventPorts, input: StepInput | OpeningInput): EndedRun {
  const ended = endedNow(ports);
  const schedule = parseFiredRunId(ended.id)?.schedule;
  const isJob = isJobsQueue(activityInfo().taskQueue);
  if ('opens' in input) return { ...ended, skill: subjectOf(input.opens), schedule, isJob };
  return { ...ended, skill: schedule === undefined ? skillIn(ended.id) : input.step.skill, schedule, isJob };
}

function endedNow({ now }: EventPorts): Pick<EndedRun, 'id' | 'durationMs'> {
  const { id } = currentExecution();
  return { id, durationMs: now() - (requestedAtOf(id) ?? now()) };
}

/** Returns the skill in the id of a run that no schedule fired: it begins with the skill's id or with `pipeline`. */
function skillIn(runId: string): string {
  return runId.slice(0, runId.lastIndexOf('-')).replace('.', '/');
}
