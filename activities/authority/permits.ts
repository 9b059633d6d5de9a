/** Signs a plan that waits for approval, and permits the steps of one that is claimed. Without a server key nothing is signed. */
import { tally } from '../../core/approvals/approval.ts';
import { isPermit, permitPlan, permitStep, sealPlan } from '../../core/runs/permit.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { refuseCommandSignature } from '../../core/runs/step-signature.ts';
import type { Ready, RunRequest } from '../../core/runs/run.ts';
import { canonicalJson, sha256 } from '../../core/values/digest.ts';
import type { ApprovedChange, Change, StepInput } from '../../workflows/messages.ts';
import { holdsInRun } from './authority.ts';
import { currentPlace, runInMessages } from '../execution.ts';
import type { WorkerPorts } from '../ports.ts';
import { refuseWork } from './refusals.ts';

/** Somebody who has no key must not be able to present a plan as an older one, so such runs do not continue. */
export function preparedWithoutKey(): string {
  return `The run was prepared by a worker without a server key, and this worker has one; repeat it: skillos runs rerun ${runInMessages()}`;
}

export function permitsOf(
  { trust }: WorkerPorts,
  { principal }: RunRequest,
  { plan, payload }: Ready,
): Pick<Ready, 'permits'> {
  if (trust.serverKey === undefined) return {};
  return { permits: permitPlan(trust.serverKey, currentPlace(), { plan, payload, principal }) };
}

export function sealed({ trust }: WorkerPorts, prepared: Ready): Ready {
  if (trust.serverKey === undefined) return prepared;
  return { ...prepared, seal: sealPlan(trust.serverKey, currentPlace(), prepared) };
}

/** Rejects with `work_refused` unless a gate of this run has parked the plan, and its record shows enough approvals. */
export async function assertApproved(ports: WorkerPorts, prepared: Ready): Promise<void> {
  const { trust, records } = ports;
  const { serverKey } = trust;
  if (serverKey === undefined) return;
  const isSealed = (place: ReturnType<typeof currentPlace>) =>
    isPermit(prepared.seal, sealPlan(serverKey, place, prepared));
  if (!(await holdsInRun(records, isSealed))) {
    const isOlder = prepared.seal === undefined;
    await refuseWork(
      ports,
      'work_refused',
      isOlder ? preparedWithoutKey() : 'The plan is not the one that was parked for approval',
    );
  }
  if (await isApproved(ports, prepared.digest)) return;
  await refuseWork(ports, 'work_refused', 'The record of the run does not show that the plan was approved');
}

/** Rejects with `work_refused` unless the step of the change is one that this run may execute. */
export async function assertPermitted(
  ports: WorkerPorts,
  { principal }: RunRequest,
  change: Change,
): Promise<void> {
  const { step, known, permit } = change;
  const { serverKey } = ports.trust;
  if (serverKey === undefined) return;
  const forged = change.because === 'edit' ? refuseEdit(ports.trust, change) : undefined;
  if (forged !== undefined) await refuseWork(ports, 'work_refused', forged);
  const call = { step, principal, input: known };
  if (await holdsInRun(ports.records, (place) => isPermit(permit, permitStep(serverKey, place, call))))
    return;
  await refuseWork(ports, 'work_refused', 'The changed step has no permit of this execution of its run');
}

/** A signal says nothing about its sender. */
function refuseEdit(trust: WorkerPorts['trust'], { edit, input }: Change): string | undefined {
  if (edit === undefined) return 'The edit does not say who sent it';
  const { runId } = currentPlace();
  const isSame = edit.command === 'edit' && canonicalJson(edit.input) === canonicalJson(input);
  return isSame
    ? refuseCommandSignature(runId, edit, trust)
    : 'The edited input is not the one that was sent';
}

/** Permits the step with the changed input. */
export function permitChange(
  { trust }: WorkerPorts,
  { principal }: RunRequest,
  { step, input }: Change,
): Pick<StepInput, 'permit'> {
  if (trust.serverKey === undefined) return {};
  return { permit: permitStep(trust.serverKey, currentPlace(), { step, principal, input }) };
}

/** Permits a change that waited for approval. Rejects with `work_refused` unless the record shows that it was approved. */
export async function permitApproved(
  ports: WorkerPorts,
  request: RunRequest,
  { change, digest }: ApprovedChange,
): Promise<Pick<StepInput, 'permit'>> {
  if (ports.trust.serverKey === undefined) return {};
  await assertPermitted(ports, request, change);
  if (digest !== digestOfChange(change) || !(await isApproved(ports, digest))) {
    await refuseWork(
      ports,
      'work_refused',
      'The record of the run does not show that the change was approved',
    );
  }
  return permitChange(ports, request, change);
}

/** Another input makes another digest. */
export function digestOfChange({ digest, step, input }: Pick<Change, 'digest' | 'step' | 'input'>): string {
  return sha256(canonicalJson({ digest, step: step.number, input }));
}

/** True if the record shows enough counted approvals for what has `digest`. */
async function isApproved({ records }: WorkerPorts, digest: string): Promise<boolean> {
  const approval = (await runRecords(records).get(currentPlace().runId))?.approval;
  if (approval?.digest !== digest) return false;
  return tally(approval.requirement, approval.decisions) === 'approved';
}
