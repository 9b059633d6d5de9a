/** The codes of runs and of what they carry. */
import type { CodeEntry } from './error-entry.ts';
import { input, conflict, runError } from './error-entry.ts';
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
  run_finished: {
    ...conflict,
    meaning: 'The run has ended, so it takes no more commands.',
    remedy: 'See how it ended: skillos runs show <run>',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
