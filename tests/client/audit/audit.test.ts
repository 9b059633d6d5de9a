import { listAudit } from '../../../client/audit/audit.ts';
import { appendAudit } from '../../../core/telemetry/audit.ts';
import type { AuditEntry } from '../../../core/telemetry/audit.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { aRights } from '../../support/builders.ts';
import { memoryJournal } from '../../support/memory-journal.ts';

const base: AuditEntry = {
  id: 'a',
  at: '2026-01-02T03:04:05.000Z',
  tenant: 'default',
  actor: { subject: 'ann', roles: [], via: 'local' },
  action: 'run_allowed',
  way: 'worker',
};

async function journalWith(...entries: readonly Partial<AuditEntry>[]) {
  const journal = memoryJournal();
  for (const [index, entry] of entries.entries()) {
    await appendAudit(journal, { ...base, id: `e${index}`, ...entry });
  }
  return journal;
}

const idsOf = ({ items }: { readonly items: readonly AuditEntry[] }) => items.map(({ id }) => id);

describe('listAudit', () => {
  test('gives the newest first, no more than asked for', async () => {
    const journal = await journalWith({}, {}, {});
    expect(idsOf(await listAudit({ journal }, aRights(), { limit: 2 }))).toEqual(['e2', 'e1']);
  });

  test.each([
    [{ actions: ['run_blocked', 'circuit_reset'] as const }, ['e3', 'e1']],
    [{ run: 'a.b-1' }, ['e1']],
    [{ skill: 'a/b' }, ['e3']],
    [{ subject: 'bob' }, ['e2']],
    [{ since: '2026-01-03T00:00:00.000Z' }, ['e3']],
    [{ subject: 'nobody' }, []],
  ])('filters by %j', async (filter, expected) => {
    const journal = await journalWith(
      {},
      { action: 'run_blocked', run: 'a.b-1' },
      { actor: { ...base.actor, subject: 'bob' } },
      { action: 'circuit_reset', skill: 'a/b', at: '2026-01-03T00:00:00.000Z' },
    );
    expect(idsOf(await listAudit({ journal }, aRights(), { ...filter, limit: 9 }))).toEqual(expected);
  });

  test('lists once what was told twice after a crash', async () => {
    const journal = await journalWith({ id: 'x' }, { id: 'y' }, { id: 'x' });
    expect(idsOf(await listAudit({ journal }, aRights(), { limit: 9 }))).toEqual(['x', 'y']);
  });

  test('passes over what is no entry, and says how much that was', async () => {
    const journal = await journalWith({}, { tenant: 'default' });
    await journal.append('audit/default', [
      { foreign: true },
      { ...base, id: 'z', tenant: 'other' } as never,
    ]);
    await appendAudit(journal, { ...base, id: 'last' });
    expect(await listAudit({ journal }, aRights(), { limit: 9 })).toMatchObject({
      items: [{ id: 'last' }, { id: 'e1' }, { id: 'e0' }],
      unreadable: 2,
    });
  });

  test('shows a tenant nothing of another', async () => {
    const journal = await journalWith({}, { tenant: 'acme', id: 'theirs' });
    expect(idsOf(await listAudit({ journal }, aRights({ tenant: 'acme' }), { limit: 9 }))).toEqual([
      'theirs',
    ]);
    expect(idsOf(await listAudit({ journal }, aRights({ tenant: 'acm' }), { limit: 9 }))).toEqual([]);
  });

  test('needs audit:read', async () => {
    const file = parsePermissionFile(
      JSON.stringify({ roles: { auditor: ['audit:read'], viewer: ['runs:read'] } }),
    );
    const as = (role: string) =>
      listAudit(
        { journal: memoryJournal() },
        aRights({ file, principal: { subject: 'ann', roles: [role], via: 'local' } }),
        { limit: 9 },
      );
    await expect(as('auditor')).resolves.toEqual({ items: [], unreadable: 0 });
    await expect(as('viewer')).rejects.toMatchObject({ code: 'permission_denied' });
  });
});
