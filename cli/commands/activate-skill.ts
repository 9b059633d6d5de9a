import { Command, Option } from 'clipanion';
import { openSkillCode } from '../../adapters/bundles.ts';
import { bundleFolder } from '../../adapters/state.ts';
import { activateComposition } from '../../client/activation.ts';
import type { Activation } from '../../client/activation.ts';
import { ERROR_CODES } from '../../core/error-codes.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { compositionPorts } from '../compositions.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { readToken } from '../identity.ts';
import { decisionOf } from '../run-options.ts';
import { openRuntime } from '../runtime.ts';

export class ActivateSkillCommand extends IdentifiedCommand {
  static override paths = [['activate-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Let a composition run',
    details:
      'It must have passed "skillos test" exactly as it and its skills are now, and somebody must approve. Where ' +
      'SKILLOS_APPROVAL_TOKEN is set, the decision must present it.',
    examples: [
      ['What was tested', 'skillos activate-skill travel/plan_trip --approval approved'],
      [
        'With the token of those who may approve',
        'skillos activate-skill travel/plan_trip --approval approved --approval-token @token.txt',
      ],
    ],
  });

  skill = Option.String({ name: 'id' });
  approval = Option.String('--approval', { description: 'The decision: approved or denied' });
  approvalToken = Option.String('--approval-token', {
    description: 'The approval token: its text or @file (default: SKILLOS_APPROVER_TOKEN)',
  });

  async perform() {
    const id = parseSkillId(this.skill);
    const decision = decisionOf(this.approval);
    const { approvalToken, approverToken } = this.config;
    const presented = await readToken(this.approvalToken ?? approverToken);
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const code = openSkillCode({ root: runtime.root, storeDir: bundleFolder(runtime.root) });
    const ports = { ...compositionPorts(runtime), records: runtime.ports.records, code };
    const token = { required: approvalToken, presented };
    return this.printActivation(
      id,
      await activateComposition(ports, await this.actor(), { id, decision, token }),
    );
  }

  private printActivation(id: string, { status, version, message }: Activation) {
    const token = status === 'activated' ? 'activation_success' : status;
    this.print({
      text: `${token}: ${id}`,
      json: { schema: 'skillos.activation/v1', skill: id, version, status, ...(message && { message }) },
    });
    if (message !== undefined) this.note(message);
    if (status === 'tests_required') this.note(`hint: skillos test ${id} --root ${this.config.root}`);
    if (status === 'approval_required') this.note('hint: approve it with --approval approved');
    return status === 'activated' ? EXIT.ok : ERROR_CODES[status].exit;
  }
}
