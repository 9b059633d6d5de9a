/** Decides if a step command of a signed run counts: by its signature, by what its sender saw, and by the sender's rights. */
import type { ErrorCode } from '../errors/error-codes.ts';
import { mayOperate } from '../rights/operations.ts';
import type { PermissionFile } from '../rights/permission-file.ts';
import { mayRunAll } from '../rights/permission-policy.ts';
import type { Rights, Ruling } from '../rights/permission-policy.ts';
import type { RecordedPrincipal } from '../rights/principal.ts';
import type { Trust } from '../rights/trust.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import { changesInput } from './step-command.ts';
import type { StepCommand, StepOrder } from './step-command.ts';
import { refuseCommandSignature } from './step-signature.ts';

export interface CommandInput {
  readonly runId: string;
  readonly executionId: string;
  readonly tenant: string;
  readonly requester: RecordedPrincipal;
  readonly command: StepCommand;
  /** The step before which the run is paused now; absent if it is not paused. */
  readonly paused?: number | undefined;
  /** The skills that run with what the command changes. */
  readonly entries: readonly SkillEntry[];
  readonly file: PermissionFile;
  readonly trust: Trust;
}

export interface CommandRefusal {
  readonly code: ErrorCode;
  readonly reason: string;
}

/** Returns undefined if the command counts. */
export function refuseCommand(question: CommandInput): CommandRefusal | undefined {
  const { runId, executionId, command, paused, tenant, trust, file, requester, entries } = question;
  const { sent } = command;
  const doubt = refuseCommandSignature(runId, command, trust);
  if (doubt !== undefined || sent === undefined) {
    return { code: 'work_refused', reason: doubt ?? 'The command does not say who sent it' };
  }
  if (sent.execution !== executionId) {
    return { code: 'run_replayed', reason: 'The command is about another execution of the run' };
  }
  if (command.command !== 'break' && sent.paused !== paused) {
    return { code: 'run_not_paused', reason: 'The command is about another pause of the run' };
  }
  if (sent.tenant !== tenant) return { code: 'unknown_run', reason: `Unknown run "${runId}"` };
  const rights = { principal: sent.principal, tenant, file, production: trust.production };
  const ruling = mayCommand(rights, { order: command, requester, entries });
  return ruling.isAllowed ? undefined : { code: ruling.reason, reason: ruling.message };
}

/** A command that changes the input of later steps requires the right to run them. */
function mayCommand(
  rights: Rights,
  {
    order,
    requester,
    entries,
  }: Pick<CommandInput, 'requester' | 'entries'> & { readonly order: Pick<StepOrder, 'command'> },
): Ruling {
  const ruling = mayOperate(rights, 'runs:operate', { principal: requester });
  return ruling.isAllowed && changesInput(order) ? mayRunAll(rights, entries) : ruling;
}
