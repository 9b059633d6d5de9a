import { addCalls, callFields, callsKey } from '../../../core/connectors/call-log.ts';

const at = '2026-01-02T03:04:05.000Z';
const fields = { connector: 'weather', method: 'GET', host: 'h', status: 200, ms: 1, bytes: 2 };
const line = { at, step: 1, attempt: 1, stream: 'connector', message: '…', fields };

describe('addCalls', () => {
  test('keeps calls by step, apart from those of its rollback and from other lines', () => {
    const first = addCalls(new Map(), [line, { ...line, stream: 'log' }, { ...line, rollback: true }]);
    const log = addCalls(first, [
      { ...line, attempt: 2 },
      { ...line, step: 2 },
    ]);
    const call = { at, attempt: 1, ...fields };
    expect(Object.fromEntries(log)).toEqual({
      '1': { shown: [call, { ...call, attempt: 2 }], leftOut: 0 },
      '2': { shown: [call], leftOut: 0 },
      'rollback of 1': { shown: [call], leftOut: 0 },
    });
  });

  test('shows the first 100 calls of a step, and counts the others', () => {
    const log = addCalls(
      new Map(),
      Array.from({ length: 103 }, () => line),
    );
    const shown = callFields(log.get(callsKey(1, false)));
    expect(shown['calls']).toHaveLength(100);
    expect(shown['calls_left_out']).toBe(3);
  });
});

describe('callFields', () => {
  test('are none without calls', () => {
    expect(callFields(undefined)).toEqual({});
    expect(callFields({ shown: [], leftOut: 0 })).toEqual({ calls: [] });
  });
});
