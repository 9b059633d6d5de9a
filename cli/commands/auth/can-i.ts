import { Command, Option } from 'clipanion';
import { mayRunWhole } from '../../../client/skills/run-rights.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { findSkill } from '../../../core/skills/find-skill.ts';
import { OPERATIONS, mayOperate } from '../../../core/rights/operations.ts';
import type { Rights, Ruling } from '../../../core/rights/permission-policy.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';
import { plain } from '../../views/plain-text.ts';

export class AuthCanICommand extends SkillosCommand {
  static override paths = [['auth', 'can-i']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Check if a caller may run a skill or perform an operation',
    details:
      'Prints yes (exit 0) or no (exit 3) by the present policies; nothing runs. ' +
      `The action is "run <skill>" or one of ${OPERATIONS.join(', ')}.`,
    examples: [
      ['May a viewer delete records', 'skillos auth can-i run admin/delete_records --role viewer'],
      ['And why', 'skillos auth can-i run admin/delete_records --role viewer --explain'],
      ['May the holder of a token cancel runs of others', 'skillos auth can-i runs:operate --jwt @token.jwt'],
    ],
  });

  identity = identityOptions();
  action = Option.String({ name: 'action' });
  skill = Option.String({ name: 'skill', required: false });
  explain = Option.Boolean('--explain', false, { description: 'Show the rules that decided' });

  async perform() {
    const ruling = await this.decide(await rightsOf(this));
    const { principal, tenant } = await rightsOf(this);
    this.print({
      text: [
        ruling.isAllowed ? 'yes' : 'no',
        ...(this.explain ? ruling.explain.map((line) => `  ${plain(line)}`) : []),
      ],
      json: {
        schema: 'skillos.permission/v1',
        allowed: ruling.isAllowed,
        action: this.action,
        ...(this.skill === undefined ? {} : { skill: parseSkillId(this.skill) }),
        principal: principal.subject,
        roles: principal.roles,
        tenant,
        ...(ruling.isAllowed
          ? {}
          : { reason: ruling.reason, policy: ruling.policy, message: ruling.message }),
        ...(this.explain ? { explain: ruling.explain } : {}),
      },
    });
    return ruling.isAllowed ? EXIT.ok : EXIT.blocked;
  }

  private async decide(rights: Rights): Promise<Ruling> {
    if (this.action === 'run') {
      if (this.skill === undefined) throw new SkillosError('usage', 'Expected the id of a skill after "run"');
      const { catalogs } = openRuntime(this).ports;
      return mayRunWhole(catalogs, rights, await findSkill(catalogs, parseSkillId(this.skill)));
    }
    const operation = OPERATIONS.find((known) => known === this.action);
    if (operation === undefined || this.skill !== undefined) {
      throw new SkillosError(
        'usage',
        `Unknown action ${JSON.stringify(this.action)}: expected "run <skill>" or one of ${OPERATIONS.join(', ')}`,
      );
    }
    return mayOperate(rights, operation);
  }
}
