/** The codes of composing, testing and recording. */
import type { CodeEntry } from './error-entry.ts';
import { conflict, input, missing } from './error-entry.ts';

export const AUTHORING_ERROR_CODES = {
  unknown_composition: {
    ...missing,
    meaning: 'No composition has this id: there is none, or it is a skill with code of its own.',
    remedy: 'Compose one: skillos compose-skill <id> --step <skill> --step <skill>',
  },
  unknown_version: {
    ...missing,
    meaning: 'The composition never had this version.',
    remedy: 'List those it had: skillos versions list <id>',
  },
  tests_required: {
    ...conflict,
    meaning: 'The composition, as it and its skills are now, has not passed its test.',
    remedy: 'Test it: skillos test <id>',
  },
  run_not_recordable: {
    ...conflict,
    meaning:
      'Only a run of one skill that ended in success, and whose history is still there, can be recorded.',
    remedy: 'Record another run: skillos runs list --status success',
  },
  recording_invalid: {
    ...input,
    meaning: 'A file below tests/fixtures/ is not a recorded run.',
    remedy: 'Mend the field that the message names, or record the run again: skillos record <run>',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
