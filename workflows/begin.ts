/** From a prepared run to one that may take its first step: people first, then the claim. */
import type { Blocked, Failed, Ready, RunRequest } from '../core/run.ts';
import { gates } from './activities.ts';
import type { Answer, Desk, Question } from './desk.ts';
import { Refused } from './failures.ts';
import type { Progress } from './progress.ts';

/** Where people are asked, and where it shows that they are. */
interface People {
  readonly desk: Desk;
  readonly progress: Progress;
}

/** Without a requirement `prepare` has claimed already; after a park everything but the approval is asked again. */
export async function begin(
  request: RunRequest,
  prepared: Ready,
  people: People,
): Promise<Ready | Blocked | Failed> {
  const { approval: requirement, digest } = prepared;
  if (requirement === undefined) return prepared;
  await approved(people, { requirement, digest });
  const claim = await gates.claim(request, prepared);
  return 'status' in claim ? claim : { ...prepared, claim };
}

/** Rejects with `Refused` where people deny, or none of them decides in time. */
export async function approved({ desk, progress }: People, question: Question): Promise<void> {
  const { policy, reasons } = question.requirement;
  progress.say(
    `⏳ Waits for approval (**${policy}**): ${reasons.join('; ')}. Send the signal approve or deny`,
  );
  const answer = await desk.ask(question);
  progress.say();
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
