import {
  previewDocument,
  scheduleDocument,
  scheduleItem,
} from '../../../core/schedules/schedule-document.ts';
import type { Schedule } from '../../../core/schedules/schedule.ts';
import { openRecord } from '../../../core/runs/run-record.ts';
import { aRequest } from '../../support/builders.ts';

const moment = { now: Date.parse('2027-01-01T12:00:30Z'), offsetAt: () => 0 };
const HOURLY: Schedule = {
  id: 'hourly',
  tenant: 'default',
  skill: 'ops/first',
  request: { ...aRequest(), schedule: 'hourly' },
  timing: { kind: 'cron', expressions: ['0 * * * *'] },
  zone: 'UTC',
  overlap: 'skip',
  catchupSeconds: 3600,
  enabled: true,
  since: '2027-01-01T00:00:00Z',
  fired: [],
  firedCount: 0,
  skipped: [],
  createdAt: '2027-01-01T00:00:00Z',
};

describe('scheduleItem', () => {
  test('says when it fires, in fields and in words', () => {
    expect(scheduleItem(HOURLY, moment)).toEqual({
      id: 'hourly',
      skill: 'ops/first',
      status: 'enabled',
      enabled: true,
      cron: ['0 * * * *'],
      timezone: 'UTC',
      words: 'Every hour, UTC',
      overlap: 'skip',
      next_at: '2027-01-01T13:00:00Z',
      created_at: '2027-01-01T00:00:00Z',
    });
  });

  test.each<[Partial<Schedule>, object]>([
    [{ timing: { kind: 'every', seconds: 60 } }, { every_seconds: 60, next_at: '2027-01-01T12:01:00Z' }],
    [{ timing: { kind: 'at', at: '2028-01-01T00:00:00Z' } }, { run_at: '2028-01-01T00:00:00Z' }],
  ])('%j', (change, expected) => {
    expect(scheduleItem({ ...HOURLY, ...change }, moment)).toMatchObject(expected);
  });

  test.each<[Partial<Schedule>]>([[{ enabled: false }], [{ times: 1, firedCount: 1 }]])(
    'has no next firing: %j',
    (change) => {
      expect(scheduleItem({ ...HOURLY, ...change }, moment)).not.toHaveProperty('next_at');
    },
  );
});

describe('scheduleDocument', () => {
  test('shows all of a schedule', () => {
    const full: Schedule = {
      ...HOURLY,
      startAt: '2026-01-01T00:00:00Z',
      endAt: '2028-01-01T00:00:00Z',
      times: 9,
      firedCount: 7,
      jitterSeconds: 5,
      pauseOnFailure: true,
      pausedBy: 'hourly-2027-01-01T11:00:00Z',
      note: 'for ann',
    };
    const at = Date.parse('2027-01-01T11:00:00Z');
    const runs = [openRecord('hourly-2027-01-01T12:00:00Z', HOURLY.request)];
    const missed = [
      { at, reason: 'overlap', runId: 'x' },
      { at, reason: 'missed' },
    ] as const;
    expect(scheduleDocument(full, { ...moment, runs, missed })).toMatchObject({
      schema: 'skillos.schedule/v1',
      principal: 'ann',
      start_at: '2026-01-01T00:00:00Z',
      end_at: '2028-01-01T00:00:00Z',
      times: 9,
      fired: 7,
      catchup_seconds: 3600,
      jitter_seconds: 5,
      pause_on_failure: true,
      paused_by: 'hourly-2027-01-01T11:00:00Z',
      note: 'for ann',
      next: ['2027-01-01T13:00:00Z', '2027-01-01T14:00:00Z'],
      runs: [{ run_id: 'hourly-2027-01-01T12:00:00Z', status: 'queued', schedule: 'hourly' }],
      missed: [
        { at: '2027-01-01T11:00:00Z', reason: 'overlap', run_id: 'x' },
        { at: '2027-01-01T11:00:00Z', reason: 'missed' },
      ],
    });
  });

  test('leaves out what a schedule does not have', () => {
    const shown = scheduleDocument(HOURLY, { ...moment, runs: [], missed: [] });
    expect(Object.keys(shown)).toEqual(
      expect.not.arrayContaining(['start_at', 'end_at', 'times', 'jitter_seconds', 'paused_by', 'note']),
    );
    expect(shown['pause_on_failure']).toBe(false);
  });
});

test('a preview names skipped times and times that clocks show twice', () => {
  const at = Date.parse('2027-10-31T00:30:00Z');
  const lines = [
    { kind: 'fires', at },
    { kind: 'fires', at, pass: 'first' },
    { kind: 'skipped', at, local: Date.parse('2027-03-28T02:30:00Z') },
  ] as const;
  expect(previewDocument(lines, { words: 'At 02:30', timezone: 'Europe/Berlin' })).toEqual({
    schema: 'skillos.preview/v1',
    timezone: 'Europe/Berlin',
    words: 'At 02:30',
    items: [
      { at: '2027-10-31T00:30:00Z' },
      { at: '2027-10-31T00:30:00Z', shown_twice: 'first' },
      { local: '2027-03-28 02:30', skipped: true },
    ],
  });
});
