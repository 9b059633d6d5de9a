import { Command, Option } from 'clipanion';
import { openCatalog } from '../../../adapters/catalog.ts';
import { mayRunWhole } from '../../../client/run-rights.ts';
import { SkillosError } from '../../../core/errors.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { findSkill } from '../../../core/find-skill.ts';
import { OPERATIONS, mayOperate } from '../../../core/operations.ts';
import type { Rights, Ruling } from '../../../core/permission-policy.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { plain } from '../../plain-text.ts';

export class AuthCanICommand extends IdentifiedCommand {
  static override paths = [['auth', 'can-i']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Say whether a caller may run a skill, or do something else',
    details:
      'Answers yes (exit 0) or no (exit 3) by the policies as they are now; nothing is run. ' +
      `Besides "run <skill>" it can be asked for ${OPERATIONS.join(', ')}.`,
    examples: [
      ['May a viewer delete records', 'skillos auth can-i run admin/delete_records --role viewer'],
      ['And why', 'skillos auth can-i run admin/delete_records --role viewer --explain'],
      ['May the holder of a token cancel runs of others', 'skillos auth can-i runs:operate --jwt @token.jwt'],
    ],
  });

  action = Option.String({ name: 'action' });
  skill = Option.String({ name: 'skill', required: false });
  explain = Option.Boolean('--explain', false, { description: 'Say which rules decided' });

  async perform() {
    const ruling = await this.decide(await this.rights());
    const { principal, tenant } = await this.rights();
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
      const catalogs = openCatalog(this.config.root);
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
