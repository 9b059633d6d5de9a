/** The texts of `skillos explain` about states and reasons that are not error codes. */
import type { Status } from '../../core/runs/outcome.ts';
import type { Why } from '../../core/runs/why.ts';
import type { ErrorCode } from '../../core/errors/error-codes.ts';

interface StateMeaning {
  readonly meaning: string;
  /** The next action, as a sentence or a command. */
  readonly next: string;
}

/** The states of runs and results, and the reasons of `skillos why` for a run in flight. */
export const STATE_MEANINGS: Readonly<Record<Status | Exclude<Why['reason'], ErrorCode>, StateMeaning>> = {
  queued: {
    meaning: 'The run waits for a worker, or for the time at which its job is due.',
    next: 'See what it waits for: skillos why <run>',
  },
  running: {
    meaning: 'The run executes its steps.',
    next: 'Follow it: skillos runs watch <run>',
  },
  backing_off: {
    meaning: 'A step has failed, and its next attempt waits for its time.',
    next: 'See the failure and the time of the next attempt: skillos why <run>',
  },
  awaiting_approval: {
    meaning: 'The run waits until people approve or deny it, or until the approval expires.',
    next: 'See the request: skillos approvals show <run>; decide: skillos approve <run> or skillos deny <run>',
  },
  paused: {
    meaning: 'The run waits before a step, because it was started with --step-through.',
    next: 'See the step: skillos debug <run>; go on: skillos debug <run> next',
  },
  success: {
    meaning: 'All steps of the run have succeeded.',
    next: 'See the output: skillos runs show <run>',
  },
  error: {
    meaning: 'The run has failed; its reason is an error code.',
    next: 'See the reason: skillos why <run>; repeat the run: skillos runs rerun <run>',
  },
  blocked: {
    meaning: 'A policy or a limit refused the run; its reason is an error code.',
    next: 'See the reason: skillos why <run>',
  },
  cancelled: {
    meaning: 'The run was cancelled before its end.',
    next: 'See who cancelled it: skillos audit list --run <run>',
  },
  routed: {
    meaning: 'The router chose a skill for the query with enough confidence.',
    next: 'Run it: skillos run "<query>" --execute',
  },
  no_skill_found: {
    meaning: 'No skill of the root matches the query.',
    next: 'See the skills: skillos skills list; describe a skill with examples of such queries in its manifest',
  },
  low_confidence: {
    meaning: 'The router is less sure about the best skill than SKILLOS_ROUTING_MIN_CONFIDENCE demands.',
    next: 'Choose one: skillos run "<query>" --skill <id> --execute',
  },
  dry_run: {
    meaning: 'The plan was checked; nothing was started, reserved or charged.',
    next: 'Run it: the same command without --dry-run',
  },
};

export type ExplainedState = keyof typeof STATE_MEANINGS;

export function isExplainedState(text: string): text is ExplainedState {
  return Object.hasOwn(STATE_MEANINGS, text);
}
