import { beginStep, releaseStep, standingOf } from '../../../../core/runs/steps/begun-step.ts';
import { aRecord } from '../../../support/builders.ts';

const FIRST = { executionId: 'e1', step: '2', id: 'first' };
const SECOND = { ...FIRST, id: 'second' };
const RECORD = aRecord({ executionId: 'e1' });
const BEGUN = beginStep(RECORD, FIRST);

describe('beginStep', () => {
  test('records the first attempt, and keeps it', () => {
    expect(BEGUN.begun).toEqual({ 2: { executionId: 'e1', attempt: 'first' } });
    expect(beginStep(BEGUN, FIRST)).toBe(BEGUN);
    expect(beginStep(BEGUN, SECOND)).toBe(BEGUN);
  });

  test('keeps other steps, and the rollback of the same one', () => {
    const record = beginStep(BEGUN, { ...SECOND, step: '2:rollback' });
    expect(record.begun).toEqual({
      2: { executionId: 'e1', attempt: 'first' },
      '2:rollback': { executionId: 'e1', attempt: 'second' },
    });
  });

  test('records nothing in a run that is over', () => {
    const ended = aRecord({ executionId: 'e1', endedAt: '2026-01-02T03:04:06.000Z' });
    expect(beginStep(ended, FIRST)).toBe(ended);
  });

  test('replaces an attempt of an earlier execution', () => {
    const again = beginStep(BEGUN, { ...SECOND, executionId: 'e2' });
    expect(again.begun).toEqual({ 2: { executionId: 'e2', attempt: 'second' } });
  });
});

describe('standingOf', () => {
  test.each([
    ['is unbegun without a record of the step', RECORD, 'unbegun'],
    ['is its own', BEGUN, 'own'],
    ['is that of another attempt', beginStep(RECORD, SECOND), 'other'],
    ['is over after the end', { ...RECORD, endedAt: '2026-01-02T03:04:06.000Z' }, 'over'],
    ['is over after a reset', aRecord({ executionId: 'e2', resetExecutions: ['e0', 'e1'] }), 'over'],
    ['is unbegun in an execution that a reset has made', aRecord({ executionId: 'e0' }), 'unbegun'],
    [
      'is unbegun in an execution that the record does not name yet',
      aRecord({ executionId: 'e0', resetExecutions: ['e'] }),
      'unbegun',
    ],
  ])('%s', (_sentence, record, standing) => {
    expect(standingOf(record, FIRST)).toBe(standing);
  });
});

describe('releaseStep', () => {
  test('lets another attempt begin', () => {
    const released = releaseStep(BEGUN, FIRST);
    expect(released.begun).toEqual({});
    expect(standingOf(beginStep(released, SECOND), SECOND)).toBe('own');
  });

  test('releases no other attempt', () => {
    expect(releaseStep(BEGUN, SECOND)).toBe(BEGUN);
  });
});
