/** What bounds the runs of the caller's tenant. Needs no Temporal. */
import { LIMITS_KIND, circuitsOf, resetCircuit as withoutCircuit } from '../core/limits.ts';
import type { LimitSettings, Limits } from '../core/limits.ts';
import { budgetDocument, circuitItem } from '../core/limits-document.ts';
import type { BudgetDocument, CircuitItem } from '../core/limits-document.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { SkillId } from '../core/skill-id.ts';
import { permit, recordAct } from './actor.ts';
import type { Actor } from './actor.ts';
import type { ClientPorts } from './ports.ts';

type LimitPorts = Pick<ClientPorts, 'records' | 'now'>;

export async function showBudget(
  { records, now }: LimitPorts,
  { tenant }: Pick<Rights, 'tenant'>,
  settings: LimitSettings,
): Promise<BudgetDocument> {
  const current = await records.get<Limits>(LIMITS_KIND, tenant);
  return budgetDocument(tenant, current, { now: now(), settings });
}

/** Those of skills that failed of late. */
export async function listCircuits(
  { records, now }: LimitPorts,
  { tenant }: Pick<Rights, 'tenant'>,
  settings: LimitSettings,
): Promise<readonly CircuitItem[]> {
  const current = await records.get<Limits>(LIMITS_KIND, tenant);
  return circuitsOf(current, now(), settings).map(circuitItem);
}

/** Whether there was anything to forget; a skill that is gone may still have a circuit. Rejects as `permit` does. */
export async function resetCircuit(
  ports: LimitPorts & Pick<ClientPorts, 'journal'>,
  actor: Actor,
  skill: SkillId,
): Promise<boolean> {
  await permit(ports, actor, { operation: 'runs:operate', skill });
  let failures: number | undefined;
  await ports.records.update<Limits>(LIMITS_KIND, actor.rights.tenant, (current) => {
    failures = current?.circuits[skill]?.failures;
    return withoutCircuit(current, skill);
  });
  if (failures === undefined) return false;
  await recordAct(ports, actor, { action: 'circuit_reset', skill, before: { failures } });
  return true;
}
