/** Takes a prepared run to its first step: waits for approval if one is required, then claims. */
import type { Blocked, Failed, Ready, RunRequest } from '../core/runs/run.ts';
import { gates } from './activities.ts';
import type { Answer, ApprovalGate, Question } from './approval-gate.ts';
import { Refused } from './failures.ts';
import type { Progress } from './progress.ts';

/** Receives decisions, and shows that the run waits for them. */
interface ApprovalPorts {
  readonly approvalGate: ApprovalGate;
  readonly progress: Progress;
}

/** Without a requirement `prepare` has already claimed. After a wait the claim decides rights, circuits and budget as they are then. */
export async function begin(
  request: RunRequest,
  prepared: Ready,
  ports: ApprovalPorts,
): Promise<Ready | Blocked | Failed> {
  const { approval: requirement, digest } = prepared;
  if (requirement === undefined) return prepared;
  await waitForApproval(ports, { requirement, digest });
  const claim = await gates.claim(request, prepared);
  if ('status' in claim) return claim;
  const { permits, ...held } = claim;
  return { ...prepared, claim: held, ...(permits === undefined ? {} : { permits }) };
}

/** Rejects with `Refused` if people deny, or if nobody decides in time. */
export async function waitForApproval(
  { approvalGate, progress }: ApprovalPorts,
  question: Question,
): Promise<void> {
  const { policy, reasons } = question.requirement;
  progress.setHeading(
    `⏳ Waiting for approval (**${policy}**): ${reasons.join('; ')}. \`skillos approvals show\` says how to decide`,
  );
  const answer = await approvalGate.wait(question);
  progress.setHeading();
  if (answer.word === 'approved') return;
  throw new Refused({
    status: 'blocked',
    reason: answer.word === 'denied' ? 'approval_denied' : 'approval_expired',
    policy: question.requirement.policy,
    message: messageOf(answer),
  });
}

function messageOf({ word, by }: Answer): string {
  if (word === 'expired') return 'Nobody decided in time';
  const comment = by?.comment === undefined ? '' : `: ${by.comment}`;
  return `Denied by ${by?.subject || 'a signal'}${comment}`;
}
