/** The activities of a worker. */
import type { GateActivities, OpeningInput, StepInput, StepResult } from '../workflows/messages.ts';
import { claimParked } from './claim.ts';
import { recordedResult } from './fast-path/settlement.ts';
import { convertingFailures } from './failures.ts';
import { abortRun, amendPlan, markRun, evaluateOffer } from './decisions.ts';
import type { WorkerPorts } from './ports.ts';
import { prepareRun } from './prepare.ts';
import { settleRun } from './settle.ts';
import { runStep } from './skill.ts';
import { admitCommand } from './steering.ts';

export interface Activities extends GateActivities {
  /** Runs a step. Temporal calls it for every activity type that is not registered, such as the id of a skill. */
  default(input: StepInput | OpeningInput): Promise<StepResult>;
}

export function createActivities(ports: WorkerPorts): Activities {
  return {
    prepare: (request) => convertingFailures(() => prepareRun(ports, request)),
    weigh: (request, offer) => convertingFailures(() => evaluateOffer(ports, request, offer)),
    claim: (request, prepared) => convertingFailures(() => claimParked(ports, request, prepared)),
    amend: (request, change) => convertingFailures(() => amendPlan(ports, request, change)),
    mark: (request, state, approved) =>
      convertingFailures(() => markRun(ports, request, { state, approved })),
    admit: (request, offer) => convertingFailures(() => admitCommand(ports, request, offer)),
    abort: () => convertingFailures(abortRun),
    standing: () => convertingFailures(() => recordedResult(ports)),
    settle: (request, settlement, account = { succeeded: [] }) =>
      convertingFailures(() => settleRun(ports, request, { settlement, account })),
    default: (input) => runStep(ports, input),
  };
}
