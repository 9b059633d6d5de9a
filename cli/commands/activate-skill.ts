import { Command, Option } from 'clipanion';
import { openSkillCode } from '../../adapters/skill-code/bundles.ts';
import { bundleFolder } from '../../adapters/storage/state.ts';
import { activateComposition } from '../../client/compositions/activation.ts';
import type { Activation } from '../../client/compositions/activation.ts';
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { compositionPorts } from '../compositions.ts';
import { SkillosCommand } from '../command.ts';
import { actorOf, identityOptions } from '../input/identity.ts';
import { readToken } from '../input/identity.ts';
import { decisionOf } from '../input/run-options.ts';
import { openCheckoutToWrite } from '../runtime.ts';

export class ActivateSkillCommand extends SkillosCommand {
  static override paths = [['activate-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Activate a composition, so that it may run',
    details:
      'Its present content must have passed "skillos test", and somebody must approve. If ' +
      'SKILLOS_APPROVAL_TOKEN is set, the decision requires it.',
    examples: [
      ['After a test', 'skillos activate-skill travel/plan_trip --approval approved'],
      [
        'With the approval token',
        'skillos activate-skill travel/plan_trip --approval approved --approval-token @token.txt',
      ],
    ],
  });

  identity = identityOptions();
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
    const runtime = openCheckoutToWrite(this);
    const code = openSkillCode({
      root: runtime.root,
      storeDir: bundleFolder(runtime.root),
      production: this.config.production,
    });
    const ports = { ...compositionPorts(runtime), records: runtime.ports.records, code };
    const token = { required: approvalToken, presented };
    return this.printActivation(
      id,
      await activateComposition(ports, await actorOf(this), { id, decision, token }),
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
