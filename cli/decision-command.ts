/** What approving and denying share: options, sending the decision, saying what it came to. */
import { Option } from 'clipanion';
import { decide, runToDecide } from '../client/approvals.ts';
import type { Decided } from '../client/approvals.ts';
import type { DecisionWord } from '../core/approval.ts';
import { EXIT } from '../core/exit-codes.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import { parseRunId } from '../core/run-id.ts';
import { IdentifiedCommand } from './identified-command.ts';
import { readToken } from './identity.ts';
import { openRuntime } from './runtime.ts';

export abstract class DecisionCommand extends IdentifiedCommand {
  comment = Option.String('--comment', { description: 'Why; it is kept with the decision' });
  digest = Option.String('--digest', {
    description: 'Digest of the plan that was seen; another one that waits now is not decided',
  });
  approvalToken = Option.String('--approval-token', {
    description: 'The approval token: its text or @file (default: SKILLOS_APPROVER_TOKEN)',
  });
  runId = Option.String({ name: 'run' });

  protected async decideAs(decision: DecisionWord): Promise<ExitCode> {
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const ask = {
      actor: { rights: await this.rights(), way: 'cli' },
      runId: parseRunId(this.runId),
      decision,
      comment: this.comment,
      digest: this.digest,
      token: await readToken(this.approvalToken ?? this.config.approverToken),
    } as const;
    const run = await runToDecide(runtime.ports, ask);
    const temporal = await runtime.connect();
    try {
      this.printDecided(decision, await decide(runtime.ports, temporal, { ask, run }));
    } finally {
      await temporal.close();
    }
    return EXIT.ok;
  }

  private printDecided(decision: DecisionWord, { run, outcome, approvals }: Decided): void {
    const needed = run.approval.requirement.nOf;
    const isPending = outcome === 'pending';
    this.print({
      text: isPending ? `approval_recorded: ${run.id} (${approvals} of ${needed})` : `${outcome}: ${run.id}`,
      json: { schema: 'skillos.decision/v1', run_id: run.id, decision, outcome, approvals, needed },
    });
    if (outcome === 'approved') this.note(`follow: skillos runs watch ${run.id}`);
  }
}
