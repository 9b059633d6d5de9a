import type { JsonObject } from '../../../core/json.ts';
import {
  RECORD_INDEXES,
  indexedValues,
  isSettled,
  matchesWhere,
} from '../../../core/storage/record-index.ts';
import type { RecordIndex } from '../../../core/storage/record-index.ts';

const index: RecordIndex = RECORD_INDEXES['runs'] as RecordIndex;
const run = { tenant: 't', status: 'error', skill: 'a/b', principal: { subject: 'ann' } };

test.each<[JsonObject, readonly string[]]>([
  [run, ['t', 'error', 'a/b', 'ann', '', '']],
  [{ ...run, principal: 'ann' }, ['t', 'error', 'a/b', '', '', '']],
  [{ ...run, principal: null, tenant: 1 }, ['', 'error', 'a/b', '', '', '']],
  [{ ...run, principal: ['ann'] }, ['t', 'error', 'a/b', '', '', '']],
  [{ ...run, queue: 'jobs' }, ['t', 'error', 'a/b', 'ann', 'jobs', '']],
  [{ ...run, schedule: 'nightly' }, ['t', 'error', 'a/b', 'ann', '', 'nightly']],
  [{}, ['', '', '', '', '', '']],
])('indexedValues of %j', (document, expected) => {
  expect(indexedValues(index, document)).toEqual(expected);
});

test.each([
  [{}, true],
  [{ status: ['success', 'error'] }, true],
  [{ status: ['error'], subject: ['bob'] }, false],
  [{ status: [] }, false],
  [{ cost: ['1'] }, false],
])('matchesWhere %j', (where, expected) => {
  expect(matchesWhere(index, run, where)).toBe(expected);
});

test('a run is settled once it has ended', () => {
  expect(isSettled(index, run)).toBe(false);
  expect(isSettled(index, { ...run, endedAt: '2026-11-28T20:00:00.000Z' })).toBe(true);
});

test('a session never is', () => {
  expect(isSettled(RECORD_INDEXES['sessions'] as RecordIndex, { tenant: 't', endedAt: 'x' })).toBe(false);
});
