import { listCircuits, resetCircuit, showBudget } from '../../client/limits.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { claimLimits, settleLimits } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { parsePermissionFile } from '../../core/rights/permission-file.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { aRights } from '../support/builders.ts';
import { anEntry, catalogsOf, skillsOf } from '../support/entries.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { memoryRecords } from '../support/memory-records.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const SKILL = parseSkillId('travel/search_flights');
const settings = parseConfig({});
const ACME = aRights({ tenant: 'acme' });

/** Ports over the state of tenant `acme`, where a run failed and another is under way. */
async function acme() {
  const records = memoryRecords();
  const journal = memoryJournal();
  const claim = { steps: [{ number: 1, skill: SKILL }], now: NOON, settings };
  const failed = {
    succeeded: [],
    circuit: [{ skill: SKILL, outcome: 'failure' as const }],
    now: NOON,
    settings,
  };
  await records.update<Limits>('limits', 'acme', (current) => {
    const first = claimLimits(current, { ...claim, key: 'a' }).limits;
    return claimLimits(settleLimits(first, { ...failed, key: 'a' }), { ...claim, key: 'b' }).limits;
  });
  return { records, journal, catalogs: catalogsOf(skillsOf(anEntry(SKILL))), now: () => NOON };
}

describe('showBudget', () => {
  test('is that of the caller’s tenant', async () => {
    const ports = await acme();
    expect(await showBudget(ports, ACME, settings)).toMatchObject({ tenant: 'acme', daily: { reserved: 1 } });
    expect(await showBudget(ports, aRights(), settings)).toMatchObject({
      tenant: 'default',
      daily: { reserved: 0 },
    });
  });
});

describe('listCircuits', () => {
  test('lists those of the caller’s tenant', async () => {
    const ports = await acme();
    expect(await listCircuits(ports, ACME, settings)).toMatchObject([{ skill: SKILL, failures: 1 }]);
    expect(await listCircuits(ports, aRights(), settings)).toEqual([]);
  });

  test('leaves out those of skills that the caller may not run', async () => {
    const ports = await acme();
    const policies = [{ skill_id: SKILL, required_permissions: ['fly'] }];
    const file = parsePermissionFile(
      JSON.stringify({ roles: { pilot: ['fly'], auditor: ['runs:read'] }, policies }),
    );
    const shown = async (...roles: string[]) =>
      (await listCircuits(ports, { ...ACME, file, principal: { ...ACME.principal, roles } }, settings))
        .length;
    expect([await shown(), await shown('pilot'), await shown('auditor')]).toEqual([0, 1, 1]);
  });
});

describe('resetCircuit', () => {
  const by = (rights: typeof ACME) => ({ rights, way: 'cli' as const });

  test('forgets the failures and says who did it, once', async () => {
    const ports = await acme();
    expect(await resetCircuit(ports, by(ACME), SKILL)).toBe(true);
    expect(await listCircuits(ports, ACME, settings)).toEqual([]);
    expect(await showBudget(ports, ACME, settings)).toMatchObject({ daily: { reserved: 1 } });
    expect(await resetCircuit(ports, by(ACME), SKILL)).toBe(false);
    expect((await ports.journal.read('audit/acme')).entries).toMatchObject([
      { action: 'circuit_reset', skill: SKILL, before: { failures: 1 }, actor: { subject: 'ann' } },
    ]);
  });

  test('touches no other tenant', async () => {
    const ports = await acme();
    expect(await resetCircuit(ports, by(aRights()), SKILL)).toBe(false);
    expect(await listCircuits(ports, ACME, settings)).toHaveLength(1);
  });

  test('is refused to who may not operate runs', async () => {
    const ports = await acme();
    const file = parsePermissionFile(JSON.stringify({ roles: { operator: ['runs:operate'] }, policies: [] }));
    await expect(resetCircuit(ports, by({ ...ACME, file }), SKILL)).rejects.toMatchObject({
      code: 'permission_denied',
    });
    expect(await listCircuits(ports, ACME, settings)).toHaveLength(1);
  });
});
