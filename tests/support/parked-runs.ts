/** Runs that wait for people, and decisions about them, to be changed where a test cares. */
import type { RecordedDecision } from '../../core/approvals/approval.ts';
import type { RunWithApproval } from '../../core/runs/run-approval.ts';
import type { ParkedApproval } from '../../core/approvals/parked-approval.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { aRecord, aRequirement } from './builders.ts';

export const SINCE = '2026-11-22T10:00:00.000Z';
export const YES: RecordedDecision = {
  decision: 'approved',
  subject: 'bob',
  via: 'cli',
  at: SINCE,
  counted: true,
};
export const NO: RecordedDecision = {
  ...YES,
  decision: 'denied',
  subject: 'eve',
  via: 'api',
  comment: 'not yet',
};
export const IGNORED: RecordedDecision = {
  ...YES,
  subject: '',
  via: 'signal',
  counted: false,
  reason: 'no identity',
};

export function aParkedRun(
  approval: Partial<ParkedApproval> = {},
  more: Partial<RunRecord> = {},
): RunWithApproval {
  return {
    ...aRecord({ status: 'awaiting_approval', ...more }),
    approval: {
      requirement: aRequirement(),
      digest: 'd1',
      input: { value: 'all' },
      since: SINCE,
      decisions: [],
      ...approval,
    },
  };
}
