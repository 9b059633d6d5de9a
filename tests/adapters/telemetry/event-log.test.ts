import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openEventLog } from '../../../adapters/telemetry/event-log.ts';
import type { EventLogOptions } from '../../../adapters/telemetry/event-log.ts';
import type { TelemetryEvent } from '../../../core/telemetry/events.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const EVENT: TelemetryEvent = {
  event: 'skill_selected',
  request_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  run_id: 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV',
  skill_id: 'travel/search_flights',
  confidence: 0.75,
  status: 'routed',
};

const NOW = Date.parse('2026-01-18T05:00:00Z');

function openIn(root: string, more: Partial<EventLogOptions> = {}) {
  const faults: string[] = [];
  const log = openEventLog({
    root,
    config: {},
    now: () => NOW,
    onFault: (line) => faults.push(line),
    ...more,
  });
  return { log, faults, file: join(root, 'logs', 'execution.log') };
}

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

test('an event is a line of JSON in a file of the owner, written in the turn after it', async () => {
  const { log, file, faults } = openIn(tempFolder());
  log.emit(EVENT);
  log.emit({ ...EVENT, event: 'skill_selected', skill_id: 'a "quoted"\nid' });
  await nextTurn();
  expect(linesOf(file)).toEqual([
    { level: 'info', timestamp: '2026-01-18T05:00:00.000Z', ...EVENT },
    { level: 'info', timestamp: '2026-01-18T05:00:00.000Z', ...EVENT, skill_id: 'a "quoted"\nid' },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(faults).toEqual([]);
});

test('a root without events has no log', async () => {
  const { log, file } = openIn(tempFolder());
  await log.close();
  expect(() => statSync(file)).toThrow('ENOENT');
});

test('secrets are masked by value and by path', async () => {
  const config = { serverKey: 'the "server" key of a test that is long enough' };
  const { log, file } = openIn(tempFolder(), { config });
  const strange = { ...EVENT, reason: `not ${config.serverKey}!`, jwt: 'eyJ', more: { token: 'eyJ' } };
  log.emit(strange);
  await log.close();
  expect(linesOf(file)).toEqual([
    expect.objectContaining({
      reason: 'not [REDACTED]!',
      jwt: '[REDACTED]',
      more: { token: '[REDACTED]' },
      run_id: EVENT.run_id,
    }),
  ]);
});

test('an earlier log is continued', async () => {
  const root = tempFolder();
  const first = openIn(root);
  first.log.emit(EVENT);
  await first.log.close();
  const second = openIn(root);
  second.log.emit(EVENT);
  await second.log.close();
  expect(linesOf(second.file)).toHaveLength(2);
});

test('a log that was renamed while it is open keeps its lines, and a new one has the next', async () => {
  const { log, file, faults } = openIn(tempFolder());
  log.emit(EVENT);
  await nextTurn();
  log.emit(EVENT);
  renameSync(file, `${file}.1`);
  await nextTurn();
  log.emit(EVENT);
  await log.close();
  expect([linesOf(`${file}.1`).length, linesOf(file).length, faults]).toEqual([1, 2, []]);
});

test('an event after the end is written to the log, and not to a file that has its descriptor', async () => {
  const root = tempFolder();
  const { log, file } = openIn(root);
  log.emit(EVENT);
  await log.close();
  const other = openSync(join(root, 'other'), 'w');
  log.emit(EVENT);
  await log.close();
  closeSync(other);
  expect(linesOf(file)).toHaveLength(2);
  expect(readFileSync(join(root, 'other'), 'utf8')).toBe('');
});

test('a log that cannot be made is said once and throws nothing', async () => {
  const root = tempFolder();
  writeFileSync(join(root, 'logs'), 'in the way');
  const { log, faults } = openIn(root);
  log.emit(EVENT);
  await nextTurn();
  log.emit(EVENT);
  await nextTurn();
  expect(faults).toEqual(['Cannot write the event log: not a directory (ENOTDIR); runs go on without it']);
});

test('a root that is not there is not made', async () => {
  const root = join(tempFolder(), 'none');
  const { log, faults } = openIn(root);
  log.emit(EVENT);
  await nextTurn();
  expect(faults).toEqual([expect.stringContaining('(ENOENT)')]);
  expect(existsSync(root)).toBe(false);
});

test('a full disk is said once, and costs neither an error nor memory without end', async () => {
  const root = tempFolder();
  mkdirSync(join(root, 'logs'));
  symlinkSync('/dev/full', join(root, 'logs', 'execution.log'));
  const { log, faults } = openIn(root);
  for (let count = 0; count < 20_000; count++) log.emit(EVENT);
  await log.close();
  expect(faults).toEqual([
    'Cannot write the event log: no space left on device (ENOSPC); runs go on without it',
  ]);
});

test('keeps ten thousand events that come at once', async () => {
  const { log, file } = openIn(tempFolder(), { config: { serverKey: 'k'.repeat(32) } });
  for (let count = 0; count < 10_000; count++) log.emit(EVENT);
  await nextTurn();
  expect(linesOf(file)).toHaveLength(10_000);
});
