/** The local activity before the first step: decide and freeze; then claim, or record what people are asked. */
import { stepCostOf } from '../core/budget.ts';
import { LIMITS_KIND, budgetOf } from '../core/limits.ts';
import type { Limits } from '../core/limits.ts';
import { parkRecord } from '../core/run-record.ts';
import type { Prepared, Ready, RunRequest } from '../core/run.ts';
import { auditRun } from './audit.ts';
import { claimRun } from './claim.ts';
import { decide } from './decide.ts';
import type { WorkerPorts } from './ports.ts';
import { stampNow, writeRecord } from './run-record.ts';

/** Idempotent by workflow and execution: a repeated call reads anew and writes the same record. */
export async function prepareRun(ports: WorkerPorts, request: RunRequest): Promise<Prepared> {
  const prepared = await decide(ports, request);
  if (prepared.status !== 'ready') return prepared;
  if (prepared.approval !== undefined) return park(ports, request, prepared);
  const claim = await claimRun(ports, request, prepared);
  return 'status' in claim ? claim : { ...prepared, claim };
}

/** A parked run holds nothing; the cost that people see is what it would be now. */
async function park(ports: WorkerPorts, request: RunRequest, prepared: Ready): Promise<Prepared> {
  const { approval: requirement, digest } = prepared;
  if (requirement === undefined) return prepared;
  const limits = await ports.records.get<Limits>(LIMITS_KIND, request.tenant);
  const stepCost = stepCostOf(budgetOf(limits, ports.now(), ports.limits).tier, ports.limits);
  const stamp = stampNow(ports);
  const { policy } = requirement;
  await Promise.all([
    writeRecord(ports, request, (current) => parkRecord(current, stamp, { prepared, requirement, stepCost })),
    auditRun(ports, request, { action: 'run_parked', policy, digest }),
  ]);
  return prepared;
}
