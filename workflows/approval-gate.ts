/** Receives decisions, by Update from the CLI and the API or by signal from the Web UI, and accepts one final decision. */
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
import { commentOf, refuseDecider, tally } from '../core/approvals/approval.ts';
import type {
  ApprovalRequirement,
  Decision,
  DecisionWord,
  RecordedDecision,
  SignalledDecision,
} from '../core/approvals/approval.ts';
import type { ErrorCode } from '../core/errors/error-codes.ts';
import type { RunRequest } from '../core/runs/run.ts';
import { stateAttributes } from './attributes.ts';
import { gatesWithSummary } from './activities.ts';
import { refusal } from './failures.ts';
import { DECIDE_UPDATE, DECISION_SIGNALS } from './messages.ts';
import type { DecisionResult } from './messages.ts';

export interface Question {
  readonly requirement: ApprovalRequirement;
  /** Digest of the plan to be approved; a decision names it. */
  readonly digest: string;
}

/** The end of a wait; an expiry has no decision. */
export interface Answer {
  readonly word: DecisionWord | 'expired';
  readonly by?: RecordedDecision;
}

interface OpenQuestion extends Question {
  readonly decisions: RecordedDecision[];
  answer?: Answer;
}

const decide = defineUpdate<DecisionResult, [Decision]>(DECIDE_UPDATE);

/** Its handlers exist from the start of the run, so that a decision that arrives too early is rejected with a reason. */
export class ApprovalGate {
  readonly #request: RunRequest;
  #open: OpenQuestion | undefined;
  #last: Answer | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(request: RunRequest) {
    this.#request = request;
    setHandler(decide, (decision) => this.#inTurn(() => this.#evaluate(decision)), {
      description: 'Approve or deny a waiting run, as skillos approve and skillos deny do',
      validator: (decision) => this.#validate(decision),
    });
    for (const [name, word] of Object.entries(DECISION_SIGNALS)) {
      const onSignal = (comment?: string) => this.#inTurn(() => this.#evaluateSignal(word, comment));
      setHandler(defineSignal<[string?]>(name), onSignal, {
        description: `The waiting run is ${word}; takes the code of \`skillos approvals show\` and a comment, as text`,
      });
    }
  }

  /** Waits for the final decision, at most for the timeout of the requirement. */
  async wait(question: Question): Promise<Answer> {
    const open: OpenQuestion = { ...question, decisions: [] };
    this.#open = open;
    upsertSearchAttributes(stateAttributes('awaiting_approval', question.requirement.approvers));
    try {
      await answerOrExpiry(open);
      await this.#queue; // a decision that arrived in time is evaluated before the wait ends
    } finally {
      this.#open = undefined;
    }
    const answer = open.answer ?? { word: 'expired' };
    this.#last = answer;
    upsertSearchAttributes(stateAttributes('running'));
    return answer;
  }

  #validate(decision: Decision): void {
    const open = this.#open;
    if (open === undefined || open.answer !== undefined) throw this.#notOpen();
    const refused = refuseDecider(open.requirement, this.#request.principal, decision);
    if (refused !== undefined) throw refusal(refused.code, refused.reason);
    if (decision.digest !== open.digest) {
      const message = `The decision is about another plan than the one that waits for approval, ${open.digest}`;
      throw refusal('plan_changed', message);
    }
  }

  #notOpen(): ApplicationFailure {
    const last = this.#open?.answer ?? this.#last;
    if (last === undefined) return refusal('run_not_waiting', 'The run waits for no decision');
    const by = last.by === undefined ? 'nobody in time' : last.by.subject || 'a signal';
    return refusal('approval_decided', `The run has been decided: ${last.word}, by ${by}`, {
      ...last.by,
      word: last.word,
    });
  }

  /** Runs one at a time, so that each sees the result of the one before it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #evaluate(decision: Decision | SignalledDecision): Promise<DecisionResult> {
    const open = this.#open;
    // The validator may have accepted this decision while the final one was being evaluated.
    if (open === undefined || open.answer !== undefined) throw this.#notOpen();
    const { requirement, digest, decisions } = open;
    const offer = { requirement, digest, decision, position: decisions.length };
    // A 1 ms timer ends the workflow task, so that the Update is in the history before it is evaluated. The server may drop
    // a task that only Updates have caused when many arrive at once, and with it the record of a local activity.
    await sleep(1, { summary: 'evaluate a decision' });
    const summary = `${decision.decision}, by ${senderOf(decision)}`;
    const { code, ...evaluated } = await gatesWithSummary(summary).weigh(this.#request, offer);
    decisions.push(evaluated);
    if (!evaluated.counted) throw refusal(code as ErrorCode, evaluated.reason as string);
    const outcome = tally(requirement, decisions);
    if (outcome !== 'pending') open.answer = { word: outcome, by: evaluated };
    return { outcome };
  }

  /** A signal has no answer, so the reason why one does not count is in the run record only. */
  async #evaluateSignal(decision: DecisionWord, comment: unknown): Promise<void> {
    try {
      const text = commentOf(comment);
      await this.#evaluate({ decision, via: 'signal', ...(text === undefined ? {} : { comment: text }) });
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
    }
  }
}

function senderOf(decision: Decision | SignalledDecision): string {
  return decision.via === 'signal' ? 'a signal' : decision.principal.subject;
}

async function answerOrExpiry(open: OpenQuestion): Promise<void> {
  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const expiry = sleep(open.requirement.timeoutMs, { summary: 'approval expires' });
    await Promise.race([condition(() => open.answer !== undefined), expiry]);
    scope.cancel();
  });
}
