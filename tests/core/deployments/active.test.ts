import {
  activate,
  activated,
  beforeActive,
  markAudited,
  readActive,
} from '../../../core/deployments/active.ts';
import type { ActiveDeployment } from '../../../core/deployments/active.ts';
import { auditEntry } from '../../../core/telemetry/audit.ts';
import { aRights } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const by = { at: '2026-11-29T10:00:00.000Z', by: 'ann', keys: [] };
const active = (id: string, ...previous: readonly string[]): ActiveDeployment => ({
  id,
  at: by.at,
  by: by.by,
  previous,
  revoked: [],
});
const key = { key_id: 'one', public_key: 'A', namespaces: ['community/*'] };

describe('activated', () => {
  test.each([
    ['the first', undefined, { id: 'a', seen: undefined }, active('a')],
    ['the next', active('a'), { id: 'b', seen: 'a' }, active('b', 'a')],
    ['the one before', active('b', 'a', 'z'), { id: 'a', seen: 'b' }, active('a', 'z')],
    ['an earlier one', active('c', 'b', 'a'), { id: 'a', seen: 'c' }, active('a', 'c', 'b', 'a')],
  ])('activates %s', (_which, current, { id, seen }, expected) => {
    expect(activated(current, { ...by, id, seen })).toEqual(expected);
  });

  test('changes nothing for the active one', () => {
    const current = active('a');
    expect(activated(current, { ...by, id: 'a', seen: 'a' })).toBe(current);
  });

  test('keeps what was revoked, also when a later deployment no longer names the key', () => {
    const first = activated(active('a'), { ...by, id: 'b', seen: 'a', keys: [{ ...key, revoked: true }] });
    const second = activated(first, { ...by, id: 'c', seen: 'b' });
    expect(second.revoked).toEqual(['A']);
    expect(() => activated(second, { ...by, id: 'a', seen: 'c', keys: [key] })).toThrow(
      expect.objectContaining({ code: 'key_revoked' }),
    );
  });

  test('keeps fifty of those before', () => {
    const many = Array.from({ length: 50 }, (_, index) => `d${index}`);
    expect(activated(active('a', ...many), { ...by, id: 'b', seen: 'a' }).previous).toEqual([
      'a',
      ...many.slice(0, 49),
    ]);
  });

  test.each([
    [active('b', 'a'), 'a', 'now "b" of ann is active'],
    [undefined, 'a', 'now none is active'],
    [active('b'), undefined, 'now "b" of ann is active'],
  ])('refuses where another is active than the caller saw', (current, seen, why) => {
    expect(() => activated(current, { ...by, id: 'c', seen })).toThrow(
      expect.objectContaining({
        code: 'deployment_conflict',
        message: `Another deployment was activated meanwhile: ${why}; nothing was activated`,
      }),
    );
  });
});

test('is stored, and read by all', async () => {
  const records = memoryRecords();
  await expect(readActive(records)).resolves.toBeUndefined();
  await activate(records, { ...by, id: 'a', seen: undefined });
  await expect(readActive(records)).resolves.toEqual(active('a'));
});

test('keeps the audit entry until it is marked as written', async () => {
  const records = memoryRecords();
  await markAudited(records, 'e1');
  await expect(readActive(records)).resolves.toBeUndefined();
  const entry = auditEntry(aRights(), { id: 'e1', at: by.at, action: 'deployed', way: 'cli' });
  await activate(records, { ...by, id: 'a', seen: undefined, unaudited: entry });
  await markAudited(records, 'e0');
  await expect(readActive(records)).resolves.toEqual({ ...active('a'), unaudited: entry });
  await markAudited(records, 'e1');
  await expect(readActive(records)).resolves.toEqual(active('a'));
});

test('knows which was active before', () => {
  expect(beforeActive(active('b', 'a', 'z'))).toBe('a');
  expect(() => beforeActive(active('a'))).toThrow(
    expect.objectContaining({
      code: 'deployment_conflict',
      message: 'No deployment was active before "a", so there is none to go back to',
    }),
  );
});
