import type { RunRecord } from '../../../core/runs/run.ts';
import { noticeOf } from '../../../core/telemetry/notice.ts';
import { aRecord, aRequirement } from '../../support/builders.ts';
import { aParkedRun } from '../../support/parked-runs.ts';

const NOW = '2026-11-29T00:00:00.000Z';
const YES = { decision: 'approved', subject: 'bob', via: 'cli', at: NOW, counted: true } as const;

describe('noticeOf', () => {
  test('a run that waits names the reasons, who may approve, and the step', () => {
    const requirement = aRequirement({ policy: 'large', reasons: ['too much'], approvers: ['role:cfo'] });
    const run = aParkedRun({ requirement, step: 2 }, { executionId: 'e1' });
    const notice = noticeOf(run, NOW);
    expect(notice?.id).toBe(`run.parked/${run.id}/e1/${run.approval.digest.slice(0, 16)}`);
    expect(notice?.body).toMatchObject({
      type: 'run.parked',
      timestamp: NOW,
      data: {
        run_id: run.id,
        skill: run.skill,
        policy: 'large',
        reasons: ['too much'],
        approvers: [['role:cfo']],
        needed: 1,
        step: 2,
      },
    });
  });

  test('links the page of the run if the address of the API is known', () => {
    const run = aParkedRun({});
    const url = `https://skills.example/ui/runs/${run.id}`;
    expect(noticeOf(run, NOW, 'https://skills.example')?.body['data']).toMatchObject({ run_id: run.id, url });
    expect(noticeOf(run, NOW)?.body['data']).not.toHaveProperty('url');
  });

  test('a run before its first step names no step', () => {
    expect(noticeOf(aParkedRun({}), NOW)?.body['data']).not.toHaveProperty('step');
  });

  test('a decided run names the decision', () => {
    expect(noticeOf(aParkedRun({ decisions: [YES] }), NOW)?.body).toMatchObject({
      type: 'run.decided',
      data: { decision: { decision: 'approved', principal: 'bob' } },
    });
  });

  test.each<[string, Partial<RunRecord>, object]>([
    [
      'run.expired',
      { status: 'blocked', reason: 'approval_expired', policy: 'large' },
      { reason: 'approval_expired', policy: 'large' },
    ],
    [
      'run.failed',
      {
        status: 'error',
        reason: 'skill_failed',
        error: { code: 'skill_failed', message: 'no luck', step: 2 },
      },
      { error: { code: 'skill_failed', message: 'no luck', step: 2 } },
    ],
    [
      'run.failed',
      { status: 'error', error: { code: 'plan_changed', message: 'new' } },
      { error: { code: 'plan_changed', message: 'new' } },
    ],
    ['run.failed', { status: 'error' }, { error: { code: '', message: '' } }],
  ])('%s of %j', (type, record, data) => {
    expect(noticeOf(aRecord(record), NOW)?.body).toMatchObject({ type, data });
  });

  test.each<Partial<RunRecord>>([
    { status: 'success' },
    { status: 'running' },
    { status: 'cancelled' },
    { status: 'awaiting_approval' },
    { status: 'blocked', reason: 'approval_denied' },
  ])('nothing of %j', (record) => {
    expect(noticeOf(aRecord(record), NOW)).toBeUndefined();
  });
});
