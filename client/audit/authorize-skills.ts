/** Authorizes a caller for the skills that run because of the caller's change to a run. */
import { findSkill } from '../../core/skills/find-skill.ts';
import { demand } from '../../core/rights/operations.ts';
import { mayRunAll } from '../../core/rights/permission-policy.ts';
import { catalogsWith } from '../../core/runs/prepared-skills.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import type { ClientPorts } from '../ports.ts';
import { recordAudit } from './authorize.ts';
import type { Actor } from './authorize.ts';

/** Includes the rollback skills. Rejects with `permission_denied` or `policy_invalid`; the attempt is audited. */
export async function authorizeSkills(
  ports: ClientPorts,
  actor: Actor,
  { run, skills }: { readonly run: RunRecord; readonly skills: readonly SkillId[] },
): Promise<void> {
  const catalogs = catalogsWith(ports.catalogs, run, ports.values);
  const find = (ids: readonly SkillId[]) =>
    Promise.all([...new Set(ids)].map((id) => findSkill(catalogs, id)));
  const entries = await find(skills);
  const rollbackEntries = await find(entries.flatMap(({ manifest }) => manifest.rollback ?? []));
  const ruling = mayRunAll(actor.rights, [...entries, ...rollbackEntries]);
  if (!ruling.isAllowed) {
    const { reason, policy } = ruling;
    const after = { operation: 'runs:operate' };
    await recordAudit(ports, actor, { action: 'operation_denied', reason, policy, run: run.id, after });
  }
  demand(ruling);
}
