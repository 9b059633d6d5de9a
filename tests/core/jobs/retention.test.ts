import {
  contentUsedSince,
  isOutdated,
  retainedSince,
  sessionsRetainedSince,
} from '../../../core/jobs/retention.ts';
import { aRecord } from '../../support/builders.ts';

const DAY = 86_400_000;

test('keeps runs for the days of the setting, and as long as their idempotency key', () => {
  const now = 100 * DAY;
  const retention = { retentionDays: 40, idempotencyTtlSeconds: 300, signsRequests: false };
  expect(retainedSince(now, retention)).toBe(60 * DAY);
  expect(retainedSince(now, { ...retention, retentionDays: 1, idempotencyTtlSeconds: 86_400 * 7 })).toBe(
    93 * DAY,
  );
});

test('keeps runs of signed requests as long as workers accept the request', () => {
  const retention = { retentionDays: 1, idempotencyTtlSeconds: 300, signsRequests: true };
  expect(retainedSince(100 * DAY, retention)).toBe(70 * DAY);
  expect(retainedSince(100 * DAY, { ...retention, retentionDays: 40 })).toBe(60 * DAY);
});

test('keeps sessions for the days of the setting alone', () => {
  expect(sessionsRetainedSince(100 * DAY, { retentionDays: 1 })).toBe(99 * DAY);
});

const ended = { status: 'success', endedAt: '2026-01-01T00:00:00.000Z' } as const;
const since = '2026-01-02T00:00:00.000Z';

test.each([
  ['a run that ended before', ended, true],
  ['a run that ended later', { ...ended, endedAt: since }, false],
  ['a run that was repeated later', { ...ended, repeatedAt: since }, false],
  ['a run that was repeated before', { ...ended, repeatedAt: ended.endedAt }, true],
  ['a run whose end has no time', { status: 'error' } as const, false],
  ['a parked run', { status: 'awaiting_approval', createdAt: '2020-01-01T00:00:00.000Z' } as const, false],
  ['a dead letter', { ...ended, status: 'error', job: { priority: 3 } } as const, false],
  [
    'a dead letter that was requeued',
    { ...ended, status: 'error', job: { priority: 3, requeuedAs: 'x' } } as const,
    true,
  ],
])('%s', (_what, fields, outdated) => {
  expect(isOutdated(aRecord(fields), since)).toBe(outdated);
});

test('what is stored by content stays for the oldest run that is kept', () => {
  expect(contentUsedSince(70 * DAY, 90 * DAY)).toBe(67 * DAY);
  expect(contentUsedSince(70 * DAY, 50 * DAY)).toBe(47 * DAY);
});
