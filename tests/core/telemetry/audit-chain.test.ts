import { assert, constantFrom, nat, property, string } from 'fast-check';
import type { JsonObject } from '../../../core/json.ts';
import {
  ChainVerifier,
  chainKeyOf,
  headsIn,
  linkEntry,
  readVerification,
} from '../../../core/telemetry/audit-chain.ts';
import type { ChainHead } from '../../../core/telemetry/audit-chain.ts';

const KEY = chainKeyOf('k'.repeat(32));

/** Writers that take turns; each sees the last entries of the others with its first entry. */
function logOf(turns: string, key = KEY): JsonObject[] {
  const last = new Map<string, ChainHead>();
  const log: JsonObject[] = [];
  for (const [index, id] of turns.split('').entries()) {
    const seen = last.has(id) ? [] : headsIn([...log].reverse());
    const { entry, head } = linkEntry({ id, key, last: last.get(id) }, { id: `e${index}`, n: index }, seen);
    last.set(id, head);
    log.push(entry);
  }
  return log;
}

function verify(log: readonly JsonObject[], heads: readonly ChainHead[] = []) {
  const verifier = new ChainVerifier(KEY);
  for (const entry of log) verifier.add(JSON.parse(JSON.stringify(entry)) as JsonObject);
  verifier.expect(heads);
  return verifier.report();
}

const without = (log: readonly JsonObject[], ...numbers: readonly number[]) =>
  log.filter((_, index) => !numbers.includes(index));

test('a log that nobody touched is proven whole', () => {
  const report = verify(logOf('aabbaacb'));
  expect(report).toMatchObject({ entries: 8, proven: 8, unproven: 0, writers: 3, faults: 0, findings: [] });
  // c has seen b before b's last entry, and a's last entry.
  expect(report.heads.map(({ writer, number }) => [writer, number])).toEqual([
    ['b', 3],
    ['c', 1],
  ]);
});

test.each([
  ['an entry was edited', (log: JsonObject[]) => log.map((e, i) => (i === 1 ? { ...e, n: 9 } : e)), 'edited'],
  [
    'a field was added',
    (log: JsonObject[]) => log.map((e, i) => (i === 1 ? { ...e, x: null } : e)),
    'edited',
  ],
  ['the first entry was removed', (log: JsonObject[]) => without(log, 0), 'missing'],
  ['an entry was removed', (log: JsonObject[]) => without(log, 1), 'missing'],
  ['two entries were exchanged', (log: JsonObject[]) => [log[1], log[0], ...log.slice(2)], 'reordered'],
  ['an entry stands twice', (log: JsonObject[]) => [...log, log[1]], 'reordered'],
  [
    'the entries of a writer were removed that another saw',
    (log: JsonObject[]) => without(log, 0, 1, 3),
    'missing',
  ],
  [
    'an entry lost its signature',
    (log: JsonObject[]) => log.map((e, i) => (i === 3 ? { id: 'e3' } : e)),
    'unsigned',
  ],
  ['an entry was added', (log: JsonObject[]) => [...log, { n: 1 }], 'unsigned'],
  [
    'another key signed an entry',
    (log: JsonObject[]) => [...log, ...logOf('z', chainKeyOf('other'))],
    'unsigned',
  ],
])('%s', (_, change, fault) => {
  const { findings, faults } = verify(change(logOf('aabab')) as JsonObject[]);
  expect(findings.map((finding) => finding.fault)).toContain(fault);
  expect(faults).toBe(findings.length);
});

test('names what was found', () => {
  const log = logOf('aaaa');
  expect(verify(without(log, 1, 2)).findings).toEqual([{ fault: 'missing', writer: 'a', numbers: [2, 3] }]);
  expect(verify([log[0] as JsonObject, { ...log[1], n: 7 }]).findings).toEqual([
    { fault: 'edited', entry: 'e1', writer: 'a', numbers: [2, 2] },
  ]);
});

test('entries that are older than the key are counted', () => {
  const report = verify([{ id: 'old' }, ...logOf('a', chainKeyOf('former')), ...logOf('b')]);
  expect(report).toMatchObject({ proven: 1, unproven: 2, faults: 0 });
});

test('a tail that was cut is found by a head that was kept elsewhere', () => {
  const log = logOf('aabb');
  const { heads } = verify(log);
  const cut = log.slice(0, 3);
  expect(verify(cut).faults).toBe(0);
  expect(verify(cut, heads).findings).toEqual([{ fault: 'missing', writer: 'b', numbers: [2, 2] }]);
  expect(verify([], heads).findings).toMatchObject([{ fault: 'missing', writer: 'b' }]);
  expect(verify(log, heads).faults).toBe(0);
  expect(verify([...log, ...logOf('c')], heads).faults).toBe(0);
  const other = heads.map(({ writer, number, key }) => ({ writer, number, key, mac: 'f'.repeat(64) }));
  expect(verify(log, other).findings).toMatchObject([{ fault: 'edited', writer: 'b', numbers: [2, 2] }]);
});

test.each(['', '{', '{}', '{"schema":"skillos.audit-verification/v1","tenant":"a","heads":[{}]}'])(
  'reads no heads from %j',
  (text) => expect(readVerification(text)).toBeUndefined(),
);

test.each([1, 2])('the first %d entries cannot pass for entries of a former key', (count) => {
  const log = logOf('aabb');
  const forged = log.map((entry, index) =>
    index < count
      ? { ...entry, n: 9, chain: { ...(entry['chain'] as JsonObject), key: 'f'.repeat(16) } }
      : entry,
  );
  expect(verify(forged).faults).toBeGreaterThan(0);
  expect(verify(forged, verify(log).heads).faults).toBeGreaterThan(0);
});

test('findings are bounded, faults are counted', () => {
  const { faults, findings } = verify([...logOf('a'), ...Array.from({ length: 150 }, () => ({ n: 1 }))]);
  expect([faults, findings.length]).toEqual([150, 100]);
});

test('any single edit, removal or exchange is found', () => {
  const turns = string({ minLength: 2, maxLength: 12, unit: constantFrom('a', 'b', 'c') });
  assert(
    property(turns, nat(), constantFrom('edit', 'remove', 'exchange'), (text, place, how) => {
      const log = logOf(text);
      const at = place % log.length;
      const entry = log[at] as JsonObject;
      const { heads } = verify(log);
      if (how === 'edit') expect(verify(log.map((e) => (e === entry ? { ...e, n: -1 } : e))).faults).toBe(1);
      if (how === 'remove') expect(verify(without(log, at), heads).faults).toBeGreaterThan(0);
      const next = log.findIndex((e, index) => index > at && writerOf(e) === writerOf(entry));
      if (how !== 'exchange' || next < 0) return;
      const swapped = log.map((e, index) => (index === at ? log[next] : index === next ? entry : e));
      expect(verify(swapped as JsonObject[]).faults).toBeGreaterThan(0);
    }),
  );
});

const writerOf = ({ chain }: JsonObject) => (chain as JsonObject)['writer'];
