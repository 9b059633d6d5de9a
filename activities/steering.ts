/** Evaluates the step commands of signed runs. */
import type { SkillEntry } from '../core/skills/catalog.ts';
import { findSkill } from '../core/skills/find-skill.ts';
import type { RunRequest } from '../core/runs/run.ts';
import { refuseCommand } from '../core/runs/step-ruling.ts';
import type { CommandRefusal } from '../core/runs/step-ruling.ts';
import type { Admitted, OfferedCommand } from '../workflows/messages.ts';
import { auditRun } from './audit.ts';
import { currentExecution } from './execution.ts';
import type { WorkerPorts } from './ports.ts';
import { catalogsOfRun } from './prepared-skills.ts';
import { recordRefusal } from './authority/refusals.ts';

/** A command that does not count is recorded in the audit log. */
export async function admitCommand(
  ports: WorkerPorts,
  request: RunRequest,
  { command, paused, skills }: OfferedCommand,
): Promise<Admitted> {
  const { id: runId, executionId } = currentExecution();
  const catalogs = await catalogsOfRun(ports);
  const entries: readonly SkillEntry[] = await Promise.all(skills.map((id) => findSkill(catalogs, id)));
  const refusal = refuseCommand({
    runId,
    executionId,
    tenant: request.tenant,
    requester: request.principal,
    command,
    paused,
    entries,
    file: await ports.policies.permissions(),
    trust: ports.trust,
  });
  const { sent: _sent, ...order } = command;
  if (refusal === undefined) return { isAdmitted: true, order };
  await record(ports, request, { command, refusal });
  return { isAdmitted: false, ...refusal };
}

async function record(
  ports: WorkerPorts,
  request: RunRequest,
  { command, refusal }: Pick<OfferedCommand, 'command'> & { readonly refusal: CommandRefusal },
): Promise<void> {
  const { code, reason } = refusal;
  if (code === 'work_refused' || code === 'run_replayed') return recordRefusal(ports, code, reason);
  const { sent } = command;
  if (sent === undefined) return undefined;
  const { subject, roles, via } = sent.principal;
  return auditRun(ports, request, {
    action: 'operation_denied',
    reason: code,
    way: sent.via,
    actor: { subject, roles, via },
    after: { operation: 'runs:operate', command: command.command },
  });
}
