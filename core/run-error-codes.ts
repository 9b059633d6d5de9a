/** The codes of runs and of what they carry. */
import type { CodeEntry } from './error-entry.ts';
import { missing, input, conflict, limited, refused, runError } from './error-entry.ts';
import { EXIT } from './exit-codes.ts';

export const RUN_ERROR_CODES = {
  skill_failed: {
    ...runError,
    retryable: true,
    meaning: 'The skill’s code threw an error in its last attempt.',
    remedy: 'Read what it printed: skillos runs logs <run>',
  },
  skill_timeout: {
    ...runError,
    retryable: true,
    meaning: 'The skill did not return within its timeout; its process was ended.',
    remedy: 'Raise timeout in the manifest, or make the skill do less.',
  },
  skill_out_of_memory: {
    ...runError,
    meaning: 'The skill’s process went over its memory limit.',
    remedy: 'Let the skill hold less at once, or raise SKILLOS_SKILL_MEMORY_MB.',
  },
  skill_crashed: {
    ...runError,
    retryable: true,
    meaning: 'The skill’s process ended before it answered.',
    remedy: 'Look for process.exit or a native crash: skillos runs logs <run>',
  },
  skill_output_too_large: {
    ...runError,
    meaning: 'The skill returned more than 32 MiB.',
    remedy: 'Write the result to a file or a store and return where it is.',
  },
  skill_output_invalid: {
    ...runError,
    meaning: 'The skill returned something that is not JSON, or that does not fit its outputs schema.',
    remedy: 'Return plain objects, arrays, strings, numbers, booleans or null.',
  },
  outcome_unknown: {
    ...runError,
    meaning:
      'A worker was lost while the skill ran, and the skill is not safe to repeat: it may or may not have had its effect.',
    remedy: 'Check the effect by hand; declare idempotent: true if repeating is safe.',
  },
  code_unavailable: {
    ...runError,
    meaning: 'The frozen code of a run is no longer in the store.',
    remedy: 'Start the run anew: it freezes the code as it is now.',
  },
  blob_unavailable: {
    ...runError,
    meaning: 'A large value that travelled by reference is no longer in the store.',
    remedy: 'Start the run anew; worker and client must share the skills root.',
  },
  payload_unreadable: {
    exit: EXIT.failed,
    http: 500,
    retryable: false,
    meaning: 'What Temporal stored of the run cannot be decrypted with SKILLOS_PAYLOAD_KEY.',
    remedy: 'Use the key that the run was started with.',
  },
  plan_too_large: {
    ...input,
    meaning: 'A plan has more than 500 steps.',
    remedy: 'Split it into several runs.',
  },
  payload_too_large: {
    exit: EXIT.usage,
    http: 413,
    retryable: false,
    meaning: 'The payload is larger than 32 MiB.',
    remedy: 'Pass where the data is instead of the data.',
  },
  composition_inactive: {
    ...conflict,
    meaning: 'A composition was not activated yet, or has changed since it was.',
    remedy:
      'Test it and activate it: skillos test <id>, then skillos activate-skill <id> --approval approved',
  },
  composition_invalid: {
    ...input,
    meaning: 'The steps of a composition lead in a circle, or do not fit each other.',
    remedy: 'Look at what each skill takes and gives: skillos skills show <id>',
  },
  run_cancelled: {
    ...runError,
    meaning: 'The run was cancelled.',
    remedy: 'Start it again when you mean to.',
  },
  run_terminated: {
    ...runError,
    meaning: 'The run was ended from outside, without a chance to settle.',
    remedy: 'Look who terminated it in the Temporal Web UI.',
  },
  idempotency_key_reused: {
    ...input,
    meaning: 'The idempotency key stands for another request of the same caller; nothing was started.',
    remedy: 'Give each request a key of its own; repeat a request unchanged to get its run again.',
  },
  budget_exceeded: {
    ...limited,
    meaning: 'The run would cost more than the budget leaves; nothing was executed and nothing charged.',
    remedy: 'See what is spent and what runs hold: skillos budget',
  },
  circuit_open: {
    ...limited,
    http: 503,
    meaning: 'A skill of the plan failed repeatedly, so its runs are refused for a while.',
    remedy: 'See when it is tried again: skillos circuit list; or close it: skillos circuit reset <skill>',
  },
  run_finished: {
    ...conflict,
    meaning: 'The run has ended, so it takes no more commands.',
    remedy: 'See how it ended: skillos runs show <run>',
  },
  run_not_finished: {
    ...conflict,
    meaning: 'The run goes on, and only one that has ended can be repeated.',
    remedy: 'Wait for it: skillos runs watch <run>; or cancel it: skillos runs cancel <run>',
  },
  history_unavailable: {
    ...conflict,
    meaning: 'Temporal no longer keeps the history of the run, so what it did cannot be told or repeated.',
    remedy: 'Start the run anew, or give the Temporal namespace a longer retention.',
  },
  approval_required: {
    exit: EXIT.waiting,
    http: 202,
    retryable: false,
    meaning: 'People must approve before this happens; until then nothing is executed.',
    remedy: 'See what waits and who may decide: skillos approvals list',
  },
  approval_denied: {
    ...refused,
    meaning: 'Somebody who may decide denied the run; nothing was executed.',
    remedy: 'See who denied it, and why: skillos approvals show <run>',
  },
  approval_expired: {
    ...refused,
    meaning: 'Nobody decided in time, which denies the run; nothing was executed.',
    remedy: 'Start the run again, or give its approval policy a longer timeout.',
  },
  approval_decided: {
    ...conflict,
    meaning: 'The run is decided already; a decision is final, and this one changed nothing.',
    remedy: 'See who decided: skillos approvals show <run>',
  },
  approval_proof_invalid: {
    ...refused,
    meaning:
      'The worker asks for the approval token, and the decision does not prove that its sender has it.',
    remedy: 'Give the value of the worker’s SKILLOS_APPROVAL_TOKEN with --approval-token @file.',
  },
  plan_changed: {
    ...conflict,
    meaning: 'What would run is not what was seen before: query, input, code, manifest or policy differ.',
    remedy: 'Look at it again, then decide or execute again.',
  },
  plan_not_found: {
    ...missing,
    meaning: 'There is no plan file at this path.',
    remedy: 'Write one: skillos run "<query>" --dry-run --plan-path <path>',
  },
  plan_invalid: {
    ...input,
    meaning: 'The plan file is not one that a dry run has written, or it was edited since.',
    remedy: 'Write it anew with --dry-run --plan-path.',
  },
  run_not_waiting: {
    ...conflict,
    meaning: 'The run does not wait for a decision, so there is nothing to approve or to deny.',
    remedy: 'See which runs wait: skillos approvals list',
  },
  run_not_paused: {
    ...conflict,
    meaning: 'The run is not paused before a step, so there is nothing to step, skip or edit.',
    remedy: 'See where it stands: skillos why <run>',
  },
  unknown_step: {
    ...input,
    meaning:
      'The plan has no such step. A step is named by its number, or by its skill where that is unique.',
    remedy: 'See the steps: skillos runs show <run>',
  },
  step_finished: {
    ...conflict,
    meaning: 'The step has begun already, so it can no longer be changed or stopped before.',
    remedy: 'Repeat the run from that step: skillos runs rerun <run> --from <step>',
  },
  step_not_run: {
    ...conflict,
    meaning: 'The step put nothing out, so no later step can begin from it.',
    remedy: 'Repeat the run from an earlier step, or say with --set what the step should have put out.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
