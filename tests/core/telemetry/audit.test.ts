import {
  AUDIT_ACTIONS,
  SYSTEM,
  appendAudit,
  auditEntry,
  auditLogName,
  readAudit,
} from '../../../core/telemetry/audit.ts';
import type { AuditEntry } from '../../../core/telemetry/audit.ts';
import type { JsonObject } from '../../../core/json.ts';
import { memoryJournal } from '../../support/memory-journal.ts';

const ENTRY: AuditEntry = {
  id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  at: '2026-01-02T03:04:05.000Z',
  tenant: 'acme',
  actor: { subject: 'ann', roles: ['operator'], via: 'jwt' },
  action: 'skill_deprecated',
  way: 'cli',
  skill: 'travel/find_trains',
  before: { deprecated: false },
  after: { deprecated: true, reason: null },
};

describe('auditEntry', () => {
  test('keeps subject, roles and source of the principal', () => {
    const principal = {
      subject: 'ann',
      roles: ['operator'],
      via: 'jwt',
      permissions: ['admin:*'],
      attributes: { mail: 'ann@example.org' },
    } as const;
    const { tenant, actor, ...detail } = ENTRY;
    expect(auditEntry({ principal, tenant }, detail)).toEqual({ ...ENTRY, tenant, actor });
  });
});

describe('appendAudit', () => {
  test('appends to the log of the tenant', async () => {
    const journal = memoryJournal();
    await appendAudit(journal, ENTRY);
    await appendAudit(journal, { ...ENTRY, tenant: 'other', actor: SYSTEM });
    expect((await journal.read(auditLogName('acme'))).entries).toEqual([ENTRY]);
    expect((await journal.read('audit/other')).entries).toHaveLength(1);
  });
});

describe('readAudit', () => {
  test.each(AUDIT_ACTIONS)('takes %s as it was written', (action) => {
    const entry = { ...ENTRY, action };
    expect(readAudit(JSON.parse(JSON.stringify(entry)) as JsonObject)).toEqual(entry);
  });

  test.each<[string, JsonObject]>([
    ['nothing of an entry', {}],
    ['an action of another program', { ...ENTRY, action: 'sold' } as unknown as JsonObject],
    ['a time that is none', { ...ENTRY, at: 'yesterday' } as unknown as JsonObject],
    ['an actor who is a text', { ...ENTRY, actor: 'ann' }],
    ['a run that is a number', { ...ENTRY, run: 7 } as unknown as JsonObject],
  ])('does not take %s', (_what, value) => {
    expect(readAudit(value)).toBeUndefined();
  });
});
