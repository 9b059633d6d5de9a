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
import { commentOf, refuseDecider, tally } from '../core/approval.ts';
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
import { gatesSaying } from './activities.ts';
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

interface Open extends Question {
  readonly decisions: RecordedDecision[];
  answer?: Answer;
}

const decide = defineUpdate<DecisionResult, [Decision]>(DECIDE_UPDATE);

/** Takes decisions from the first moment on: one that comes too early is told so. */
export class Desk {
  readonly #request: RunRequest;
  #open: Open | undefined;
  #last: Answer | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(request: RunRequest) {
    this.#request = request;
    setHandler(decide, (decision) => this.#inTurn(() => this.#offer(decision)), {
      description: 'Approve or deny what the run waits for; skillos approve and skillos deny send it',
      validator: (decision) => this.#validate(decision),
    });
    for (const [name, word] of Object.entries(DECISION_SIGNALS)) {
      const obey = (comment?: string) => this.#inTurn(() => this.#signalled(word, comment));
      setHandler(defineSignal<[string?]>(name), obey, {
        description: `A waiting run is ${word}; a comment may be given as text`,
      });
    }
  }

  /** Waits, for as long as the requirement allows. */
  async ask(question: Question): Promise<Answer> {
    const asked: Open = { ...question, decisions: [] };
    this.#open = asked;
    upsertSearchAttributes(stateAttributes('awaiting_approval', question.requirement.approvers));
    try {
      await answerOrExpiry(asked);
      await this.#queue; // what was offered in time is weighed before the wait is over
    } finally {
      this.#open = undefined;
    }
    const answer = asked.answer ?? { word: 'expired' };
    this.#last = answer;
    upsertSearchAttributes(stateAttributes('running'));
    return answer;
  }

  #validate(decision: Decision): void {
    const asked = this.#open;
    if (asked === undefined || asked.answer !== undefined) throw this.#tooLate();
    const refused = refuseDecider(asked.requirement, this.#request.principal, decision);
    if (refused !== undefined) throw refusal(refused.code, refused.reason);
    if (decision.digest !== asked.digest) {
      const message = `The decision is about another plan than the one that waits, ${asked.digest}`;
      throw refusal('plan_changed', message);
    }
  }

  #tooLate(): ApplicationFailure {
    const last = this.#open?.answer ?? this.#last;
    if (last === undefined) return refusal('run_not_waiting', 'The run waits for no decision');
    const by = last.by === undefined ? 'nobody in time' : last.by.subject || 'a signal';
    return refusal('approval_decided', `The run has been decided: ${last.word}, by ${by}`, {
      ...last.by,
      word: last.word,
    });
  }

  /** One at a time, so that each sees what the one before it came to. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #offer(decision: Decision | SignalledDecision): Promise<DecisionResult> {
    const asked = this.#open;
    // Of those that the validator let through while others were weighed, one has the last word.
    if (asked === undefined || asked.answer !== undefined) throw this.#tooLate();
    const { requirement, digest, decisions } = asked;
    const offer = { requirement, digest, decision, position: decisions.length };
    // Ends the task that took the decision, so that it is in the history before it is weighed. A task that only Updates
    // have made is not kept by the server when many come at once: what a local activity did in it would be half true.
    await sleep(1, { summary: 'a decision is weighed' });
    const { code, ...weighed } = await gatesSaying(`${decision.decision}, by ${whoOf(decision)}`).weigh(
      this.#request,
      offer,
    );
    decisions.push(weighed);
    if (!weighed.counted) throw refusal(code as ErrorCode, weighed.reason as string);
    const outcome = tally(requirement, decisions);
    if (outcome !== 'pending') asked.answer = { word: outcome, by: weighed };
    return { outcome };
  }

  /** Signals have no answer: what is wrong with one stands in the record. */
  async #signalled(decision: DecisionWord, comment: unknown): Promise<void> {
    try {
      const text = commentOf(comment);
      await this.#offer({ decision, via: 'signal', ...(text === undefined ? {} : { comment: text }) });
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
    }
  }
}

function whoOf(decision: Decision | SignalledDecision): string {
  return decision.via === 'signal' ? 'a signal' : decision.principal.subject;
}

async function answerOrExpiry(asked: Open): Promise<void> {
  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const expiry = sleep(asked.requirement.timeoutMs, { summary: 'the approval expires' });
    await Promise.race([condition(() => asked.answer !== undefined), expiry]);
    scope.cancel();
  });
}
