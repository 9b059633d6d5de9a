/** All activities of a worker, closed over its ports. */
import type { Carried } from '../core/carried.ts';
import type { GateActivities, StepInput } from '../workflows/messages.ts';
import { currentExecution } from './execution.ts';
import { reporting } from './failures.ts';
import type { WorkerPorts } from './ports.ts';
import { prepareRun } from './prepare.ts';
import { settleRecord } from './run-record.ts';
import { runStep } from './skill.ts';

export interface Activities extends GateActivities {
  /** Temporal calls it for every activity type that is not registered: the skills. */
  default(input: StepInput): Promise<Carried>;
}

export function createActivities(ports: WorkerPorts): Activities {
  return {
    prepare: (request) => reporting(() => prepareRun(ports, request)),
    settle: (request, settlement) =>
      reporting(() => settleRecord(ports, request, { ...currentExecution(), settlement })),
    default: (input) => runStep(ports, input),
  };
}
