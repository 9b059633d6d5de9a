import { ERROR_CODES, isErrorCode } from '../../../core/errors/error-codes.ts';
import type { ErrorCode } from '../../../core/errors/error-codes.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';

const ENTRIES = Object.entries(ERROR_CODES) as [ErrorCode, (typeof ERROR_CODES)[ErrorCode]][];

describe('ERROR_CODES', () => {
  test.each(ENTRIES)('%s has an exit code of the table and an HTTP status', (_code, entry) => {
    expect(Object.values(EXIT)).toContain(entry.exit);
    expect([200, 202, 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 422, 429, 431, 500, 503]).toContain(
      entry.http,
    );
  });

  test.each(ENTRIES)('%s is a snake_case word', (code) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  test.each(ENTRIES)('%s has a meaning in sentences', (_code, { meaning }) => {
    expect(meaning).toMatch(/^[A-Z].*[^ .]\.$/s);
  });

  test.each(ENTRIES)(
    '%s ends its remedy with a full stop, or with a command to paste',
    (_code, { remedy }) => {
      expect(remedy).toMatch(/^[A-Z].*(\.|skillos [^.]+)$/s);
    },
  );

  // The exits that spec §2.3 and §2.8 name.
  test.each<[ErrorCode, number]>([
    ['usage', 2],
    ['invalid_skill_id', 2],
    ['unknown_skill', 2],
    ['unknown_run', 2],
    ['root_not_found', 2],
    ['input_invalid', 2],
    ['payload_too_large', 2],
    ['plan_too_large', 2],
    ['skill_failed', 1],
    ['skill_timeout', 1],
    ['skill_out_of_memory', 1],
    ['skill_crashed', 1],
    ['skill_output_too_large', 1],
    ['skill_output_invalid', 1],
    ['outcome_unknown', 1],
    ['code_unavailable', 1],
    ['run_cancelled', 1],
    ['already_exists', 1],
    ['state_corrupt', 1],
    ['approval_required', 4],
    ['approval_denied', 3],
    ['approval_expired', 3],
    ['approval_decided', 1],
    ['approval_proof_invalid', 3],
    ['plan_changed', 1],
    ['run_not_waiting', 1],
    ['internal', 1],
    ['no_worker', 5],
    ['engine_unreachable', 7],
    ['engine_failed', 7],
    ['engine_not_running', 7],
    ['temporal_unavailable', 7],
    ['storage_unreachable', 7],
    ['storage_refused', 78],
    ['storage_full', 1],
    ['config_invalid', 78],
  ])('%s exits %i', (code, exit) => {
    expect(ERROR_CODES[code].exit).toBe(exit);
  });

  test.each<[ErrorCode, boolean]>([
    ['skill_failed', true],
    ['skill_crashed', true],
    ['skill_timeout', true],
    ['storage_unreachable', true],
    ['storage_refused', false],
    ['storage_full', false],
    ['internal', false],
    ['skill_output_too_large', false],
    ['skill_out_of_memory', false],
    ['outcome_unknown', false],
    ['input_invalid', false],
    ['unknown_skill', false],
    ['state_corrupt', false],
  ])('%s may be tried again: %s', (code, retryable) => {
    expect(ERROR_CODES[code].retryable).toBe(retryable);
  });
});

describe('isErrorCode', () => {
  test.each([
    ['skill_failed', true],
    ['nothing_like_it', false],
    ['', false],
    ['constructor', false],
    ['__proto__', false],
  ])('of %j is %s', (text, expected) => {
    expect(isErrorCode(text)).toBe(expected);
  });
});
