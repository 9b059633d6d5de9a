import { verdictOf } from '../../../core/runs/outcome.ts';
import type { Status } from '../../../core/runs/outcome.ts';

describe('verdictOf', () => {
  test.each<[Status, string | undefined, number, number]>([
    ['routed', undefined, 0, 200],
    ['dry_run', undefined, 0, 200],
    ['success', undefined, 0, 200],
    ['queued', undefined, 0, 202],
    ['running', undefined, 0, 202],
    ['awaiting_approval', undefined, 4, 202],
    ['paused', undefined, 4, 202],
    ['error', undefined, 1, 200],
    ['error', 'skill_failed', 1, 200],
    ['error', 'skill_timeout', 1, 200],
    ['error', 'skill_out_of_memory', 1, 200],
    ['error', 'skill_crashed', 1, 200],
    ['error', 'skill_output_too_large', 1, 200],
    ['error', 'outcome_unknown', 1, 200],
    ['error', 'run_terminated', 1, 200],
    ['error', 'internal', 1, 200],
    ['error', 'input_invalid', 2, 200],
    ['error', 'unknown_skill', 2, 200],
    ['error', 'plan_too_large', 2, 200],
    ['error', 'storage_unreachable', 7, 200],
    ['error', 'a_reason_of_tomorrow', 1, 200],
    ['error', 'constructor', 1, 200],
    ['cancelled', undefined, 1, 200],
    ['cancelled', 'run_cancelled', 1, 200],
    ['blocked', 'permission_denied', 3, 403],
    ['blocked', 'approval_denied', 3, 403],
    ['blocked', 'approval_expired', 3, 403],
    ['blocked', undefined, 3, 403],
    ['blocked', 'constructor', 3, 403],
    ['blocked', 'budget_exceeded', 6, 429],
    ['blocked', 'circuit_open', 6, 503],
    ['blocked', 'rate_limited', 6, 429],
    ['no_skill_found', undefined, 8, 200],
    ['low_confidence', undefined, 8, 200],
  ])('%s (%s) exits %i and answers %i', (status, reason, exit, http) => {
    expect(verdictOf(status, reason)).toEqual({ exit, http });
  });
});
