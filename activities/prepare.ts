/** The local activity before the first step: decides and freezes the plan, then claims it or parks the run. */
import { stepCostOf } from '../core/limits/budget.ts';
import { LIMITS_KIND, budgetOf } from '../core/limits/limits.ts';
import type { Limits } from '../core/limits/limits.ts';
import { endRecord, parkRecord } from '../core/runs/run-record.ts';
import type { Cancelled, Prepared, Ready, RunRequest } from '../core/runs/run.ts';
import { auditRun } from './audit.ts';
import { notifyOf } from './events.ts';
import { claimRun } from './claim.ts';
import { decide } from './decide.ts';
import type { Decision } from './decide.ts';
import { permitsOf, sealed } from './authority/permits.ts';
import type { WorkerPorts } from './ports.ts';
import { stampNow, writeRecord } from './run-record.ts';

/** Idempotent by workflow and execution: a repeated call reads again and writes the same record. */
export async function prepareRun(ports: WorkerPorts, request: RunRequest): Promise<Prepared> {
  const { prepared, skills } = await decide(ports, request);
  if (prepared.status === 'cancelled') return endUnbegun(ports, request, prepared);
  if (prepared.status !== 'ready') return prepared;
  if (prepared.approval !== undefined)
    return park(ports, request, { prepared: sealed(ports, prepared), skills });
  const claim = await claimRun(ports, request, { ...prepared, skills });
  return 'status' in claim ? claim : { ...prepared, ...permitsOf(ports, request, prepared), claim };
}

/** Recorded here, because the workflow settles as cancelled without the reason. */
async function endUnbegun(
  ports: WorkerPorts,
  request: RunRequest,
  settlement: Cancelled,
): Promise<Cancelled> {
  const stamp = stampNow(ports);
  const account = { succeeded: [] };
  await writeRecord(ports, request, (current) => endRecord(current, stamp, { settlement, account }));
  return settlement;
}

/** A parked run reserves nothing; the recorded cost is what the plan would cost now. */
async function park(
  ports: WorkerPorts,
  request: RunRequest,
  { prepared, skills }: Decision & { readonly prepared: Ready },
): Promise<Prepared> {
  const { approval: requirement, digest } = prepared;
  if (requirement === undefined) return prepared;
  const limits = await ports.records.get<Limits>(LIMITS_KIND, request.tenant);
  const stepCost = stepCostOf(budgetOf(limits, ports.now(), ports.limits).tier, ports.limits);
  const stamp = stampNow(ports);
  const { policy } = requirement;
  const [record] = await Promise.all([
    writeRecord(ports, request, (current) =>
      parkRecord(current, stamp, { prepared, requirement, stepCost, skills }),
    ),
    auditRun(ports, request, { action: 'run_parked', policy, digest }),
  ]);
  notifyOf(ports, record);
  return prepared;
}
