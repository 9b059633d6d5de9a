/** The options of commands that approve or deny, and the decision they send. */
import { Option } from 'clipanion';
import { decide, runToDecide } from '../../client/approvals/approvals.ts';
import type { Decided } from '../../client/approvals/approvals.ts';
import type { DecisionWord } from '../../core/approvals/approval.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';
import { actorOf, readToken } from '../input/identity.ts';
import type { IdentifiedCommand } from '../input/identity.ts';
import { optionGroup } from '../input/option-group.ts';
import { runNamed } from '../input/run-argument.ts';
import { openRuntime } from '../runtime.ts';

export const decisionOptions = () =>
  optionGroup({
    comment: Option.String('--comment', { description: 'Reason; it is stored with the decision' }),
    digest: Option.String('--digest', {
      description: 'Digest of the reviewed plan; the decision is refused if another plan waits now',
    }),
    approvalToken: Option.String('--approval-token', {
      description: 'The approval token: its text or @file (default: SKILLOS_APPROVER_TOKEN)',
    }),
    runId: Option.String({ name: 'run' }),
  });

type DecidingCommand = IdentifiedCommand & { readonly given: ReturnType<typeof decisionOptions> };

export async function decideAs(command: DecidingCommand, decision: DecisionWord): Promise<ExitCode> {
  const { config, given } = command;
  const runtime = openRuntime(command);
  const ask = {
    actor: await actorOf(command),
    runId: await runNamed(command, runtime.ports, given.runId),
    decision,
    comment: given.comment,
    digest: given.digest,
    token: await readToken(given.approvalToken ?? config.approverToken),
  } as const;
  const run = await runToDecide(runtime.ports, ask);
  const temporal = await runtime.connect();
  try {
    printDecided(command, decision, await decide(runtime.ports, temporal, { ask, run }));
  } finally {
    await temporal.close();
  }
  return EXIT.ok;
}

function printDecided(
  command: DecidingCommand,
  decision: DecisionWord,
  { run, outcome, approvals }: Decided,
): void {
  const needed = run.approval.requirement.nOf;
  const isPending = outcome === 'pending';
  command.print({
    text: isPending ? `approval_recorded: ${run.id} (${approvals} of ${needed})` : `${outcome}: ${run.id}`,
    json: { schema: 'skillos.decision/v1', run_id: run.id, decision, outcome, approvals, needed },
  });
  if (outcome === 'approved') command.note(`follow: skillos runs watch ${run.id}`);
}
