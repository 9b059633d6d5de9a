/** Budget and circuits of the caller's tenant. Needs no Temporal. */
import { LIMITS_KIND, circuitsOf, resetCircuit as withoutCircuit } from '../core/limits/limits.ts';
import type { LimitSettings, Limits } from '../core/limits/limits.ts';
import { budgetDocument, circuitItem } from '../core/limits/limits-document.ts';
import type { BudgetDocument, CircuitItem } from '../core/limits/limits-document.ts';
import { mayOperate } from '../core/rights/operations.ts';
import type { Rights } from '../core/rights/permission-policy.ts';
import { parseSkillId } from '../core/values/skill-id.ts';
import type { SkillId } from '../core/values/skill-id.ts';
import { authorize, recordAudit } from './audit/authorize.ts';
import type { Actor } from './audit/authorize.ts';
import type { ClientPorts } from './ports.ts';
import { mayRunWhole } from './skills/run-rights.ts';

type LimitPorts = Pick<ClientPorts, 'records' | 'now'>;

/** Returns limits, spent, reserved and remaining amounts of the tenant's budget at this moment. */
export async function showBudget(
  { records, now }: LimitPorts,
  { tenant }: Pick<Rights, 'tenant'>,
  settings: LimitSettings,
): Promise<BudgetDocument> {
  const current = await records.get<Limits>(LIMITS_KIND, tenant);
  return budgetDocument(tenant, current, { now: now(), settings });
}

/**
 * Returns the circuits of skills with recent failures that the caller may run, or all of them with `runs:read`; a skill without
 * failures has none.
 */
export async function listCircuits(
  { records, catalogs, now }: LimitPorts & Pick<ClientPorts, 'catalogs'>,
  rights: Rights,
  settings: LimitSettings,
): Promise<readonly CircuitItem[]> {
  const current = await records.get<Limits>(LIMITS_KIND, rights.tenant);
  const circuits = circuitsOf(current, now(), settings);
  const isShown = await Promise.all(
    circuits.map(async ({ skill }) => {
      if (mayOperate(rights, 'runs:read').isAllowed) return true;
      const entry = await catalogs.find(parseSkillId(skill));
      return entry !== undefined && (await mayRunWhole(catalogs, rights, entry)).isAllowed;
    }),
  );
  return circuits.filter((_, index) => isShown[index]).map(circuitItem);
}

/**
 * Closes the circuit of a skill, which need not exist any more. Resolves to false if the skill had no failures. Rejects as
 * `authorize` does.
 */
export async function resetCircuit(
  ports: LimitPorts & Pick<ClientPorts, 'journal'>,
  actor: Actor,
  skill: SkillId,
): Promise<boolean> {
  await authorize(ports, actor, { operation: 'runs:operate', skill });
  let failures: number | undefined;
  await ports.records.update<Limits>(LIMITS_KIND, actor.rights.tenant, (current) => {
    failures = current?.circuits[skill]?.failures;
    return withoutCircuit(current, skill);
  });
  if (failures === undefined) return false;
  await recordAudit(ports, actor, { action: 'circuit_reset', skill, before: { failures } });
  return true;
}
