/** Where decisions come in: by Update from the CLI and the API, by signal from the Web UI, and are made once. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  defineUpdate,
  setHandler,
  sleep,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { refuseDecider, tally } from '../core/approval.ts';
import type {
  ApprovalRequirement,
  Decision,
  DecisionWord,
  RecordedDecision,
  SignalledDecision,
} from '../core/approval.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import type { RunRequest } from '../core/run.ts';
import { stateAttributes } from './attributes.ts';
import { gates } from './activities.ts';
import { refusal } from './failures.ts';
import { DECIDE_UPDATE, DECISION_SIGNALS } from './messages.ts';
import type { DecisionResult } from './messages.ts';

export interface Question {
  readonly requirement: ApprovalRequirement;
  /** What would run; decisions name it. */
  readonly digest: string;
}

/** How a wait ended; nobody decides an expiry. */
export interface Answer {
  readonly word: DecisionWord | 'expired';
  readonly by?: RecordedDecision;
}

export interface Desk {
  /** Waits, for as long as the requirement allows. */
  ask(question: Question): Promise<Answer>;
}

interface Open extends Question {
  readonly decisions: RecordedDecision[];
  answer?: Answer;
}

const decide = defineUpdate<DecisionResult, [Decision]>(DECIDE_UPDATE);

/** Takes decisions from the first moment on: one that comes too early is told so. */
export function openDesk(request: RunRequest): Desk {
  let open: Open | undefined;
  let last: Answer | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  setHandler(decide, (decision) => inTurn(() => offer(decision)), {
    description: 'Approve or deny what the run waits for; skillos approve and skillos deny send it',
    validator: (decision) => validate(decision),
  });
  for (const [name, word] of Object.entries(DECISION_SIGNALS)) {
    setHandler(defineSignal<[string?]>(name), (comment) => inTurn(() => signalled(word, comment)), {
      description: `A waiting run is ${word}; a comment may be given as text`,
    });
  }
  return { ask };

  async function ask(question: Question): Promise<Answer> {
    const asked: Open = { ...question, decisions: [] };
    open = asked;
    const { requirement } = question;
    upsertSearchAttributes(stateAttributes('awaiting_approval', requirement.approvers));
    try {
      await answerOrExpiry(asked);
    } finally {
      open = undefined;
    }
    asked.answer ??= { word: 'expired' };
    last = asked.answer;
    upsertSearchAttributes(stateAttributes('running', []));
    return asked.answer;
  }

  function validate(decision: Decision): void {
    if (open === undefined) throw tooLate();
    if (decision.digest !== open.digest) {
      throw refusal(
        'plan_changed',
        `The decision is about another plan than the one that waits, ${open.digest}`,
      );
    }
    const refused = refuseDecider(open.requirement, request.principal, decision);
    if (refused !== undefined) throw refusal(refused.code, refused.reason);
  }

  function tooLate(): ApplicationFailure {
    if (last === undefined) return refusal('run_not_waiting', 'The run waits for no decision');
    const by = last.by === undefined ? 'nobody in time' : last.by.subject || 'a signal';
    return refusal('approval_decided', `The run has been decided: ${last.word}, by ${by}`, {
      ...last.by,
      word: last.word,
    });
  }

  /** One at a time, so that each sees what the one before it came to. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = queue.then(work);
    queue = turn.catch(() => undefined);
    return turn;
  }

  async function offer(decision: Decision | SignalledDecision): Promise<DecisionResult> {
    const asked = open;
    if (asked === undefined) throw tooLate();
    const { requirement, digest, decisions } = asked;
    const { code, ...weighed } = await gates.weigh(request, {
      requirement,
      digest,
      decision,
      position: decisions.length,
    });
    decisions.push(weighed);
    if (!weighed.counted) throw refusal(code as ErrorCode, weighed.reason as string);
    const outcome = tally(requirement, decisions);
    if (outcome !== 'pending' && asked.answer === undefined) asked.answer = { word: outcome, by: weighed };
    return { outcome };
  }

  /** Signals have no answer: what is wrong with one stands in the record. */
  async function signalled(decision: DecisionWord, comment: unknown): Promise<void> {
    try {
      await offer({ decision, via: 'signal', ...(typeof comment === 'string' ? { comment } : {}) });
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
    }
  }
}

async function answerOrExpiry(asked: Open): Promise<void> {
  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const expiry = sleep(asked.requirement.timeoutMs, { summary: 'the approval expires' });
    await Promise.race([condition(() => asked.answer !== undefined), expiry]);
    scope.cancel();
  });
}
