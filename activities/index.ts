/** All activities of a worker, closed over its ports. */
import type { GateActivities, OpeningInput, StepInput, StepResult } from '../workflows/messages.ts';
import { claimParked } from './claim.ts';
import { reporting } from './failures.ts';
import { abortRun, amendPlan, markRun, weighDecision } from './people.ts';
import type { WorkerPorts } from './ports.ts';
import { prepareRun } from './prepare.ts';
import { outputOfLost, settleRun } from './settle.ts';
import { runStep } from './skill.ts';

export interface Activities extends GateActivities {
  /** Temporal calls it for every activity type that is not registered: the skills. */
  default(input: StepInput | OpeningInput): Promise<StepResult>;
}

export function createActivities(ports: WorkerPorts): Activities {
  return {
    prepare: (request) => reporting(() => prepareRun(ports, request)),
    weigh: (request, offer) => reporting(() => weighDecision(ports, request, offer)),
    claim: (request, prepared) => reporting(() => claimParked(ports, request, prepared)),
    amend: (request, change) => reporting(() => amendPlan(ports, request, change)),
    mark: (request, state) => reporting(() => markRun(ports, request, state)),
    abort: () => reporting(abortRun),
    standing: () => reporting(() => outputOfLost(ports)),
    settle: (request, settlement, account = { succeeded: [] }) =>
      reporting(() => settleRun(ports, request, { settlement, account })),
    default: (input) => runStep(ports, input),
  };
}
