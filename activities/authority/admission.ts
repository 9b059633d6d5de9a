/**
 * Admits activities. Whoever reaches the Temporal frontend can schedule any activity on our queue, so each is admitted here
 * before its first effect:
 * - a gate only as a local activity of the workflow `run`, which runs in this process;
 * - a step only for the execution, number, code and principal that this worker's gates have permitted.
 */
import { activityInfo } from '@temporalio/activity';
import { isPermit, permitStep } from '../../core/runs/permit.ts';
import type { OpeningInput, RUN_WORKFLOW, StepInput } from '../../workflows/messages.ts';
import { holdsInRun } from './authority.ts';
import { convertingFailures } from '../failures.ts';
import { preparedWithoutKey } from './permits.ts';
import type { Activities } from '../index.ts';
import type { WorkerPorts } from '../ports.ts';
import { refuseWork } from './refusals.ts';

const WORKFLOW: typeof RUN_WORKFLOW = 'run';

export function withAuthority(activities: Activities, ports: WorkerPorts): Activities {
  const gates = Object.entries(activities).map(([name, gate]) => [
    name,
    async (...given: readonly unknown[]) => {
      await convertingFailures(() => admitGate(ports));
      return (gate as (...given: readonly unknown[]) => unknown)(...given);
    },
  ]);
  return {
    ...(Object.fromEntries(gates) as Activities), // the same names and arguments
    default: async (input) => {
      await convertingFailures(() => admitStep(ports, input));
      return activities.default(input);
    },
  };
}

async function admitGate(ports: WorkerPorts): Promise<void> {
  const { isLocal, workflowType } = activityInfo();
  if (isLocal && workflowType === WORKFLOW) return;
  await refuseWork(ports, 'work_refused', 'A gate runs only inside the workflow of its run');
}

async function admitStep(ports: WorkerPorts, input: StepInput | OpeningInput): Promise<void> {
  const { workflowExecution, workflowType, activityType } = activityInfo();
  if (workflowExecution === undefined || workflowType !== WORKFLOW) {
    await refuseWork(ports, 'work_refused', 'A step runs only inside the workflow of its run');
  }
  if (skillOf(input) !== activityType) {
    await refuseWork(ports, 'work_refused', 'The input of the activity is not that of a step of its skill');
  }
  // The opening activity verifies the signature of the request when it decides on the run.
  if ('opens' in input || (await isPermitted(ports, input))) return;
  const reason =
    input.permit === undefined ? preparedWithoutKey() : 'The step has no permit of this execution of its run';
  await refuseWork(ports, 'work_refused', reason);
}

/** Returns undefined for an input that is not of a step. */
function skillOf(input: StepInput | OpeningInput): string | undefined {
  try {
    return 'opens' in input ? input.opens.plan.step.skill : input.step.skill;
  } catch {
    return undefined; // anything may have been sent
  }
}

/** A permit of an earlier execution holds if the operator has reset the run; only then the record is read. */
async function isPermitted({ trust, records }: WorkerPorts, input: StepInput): Promise<boolean> {
  const { serverKey } = trust;
  if (serverKey === undefined) return true;
  const { step, principal, payload, unapproved, undoes, permit } = input;
  const isBound = unapproved !== true && undoes !== true;
  const call = { step, principal, undoes, ...(isBound ? { input: payload } : {}) };
  return holdsInRun(records, (place) => isPermit(permit, permitStep(serverKey, place, call)));
}
