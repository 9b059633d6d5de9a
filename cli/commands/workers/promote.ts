import { Command, Option } from 'clipanion';
import { promoteBuild } from '../../../client/workers/promote.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { tenantOfProcess } from '../../../core/values/tenant.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';

export class WorkersPromoteCommand extends SkillosCommand {
  static override paths = [['workers', 'promote']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Let new runs start on a build of workers',
    details: `
      Runs in flight stay on the build that began them, so keep its workers until skillos workers versions shows it as drained.
      Workers of the build must poll, for jobs too if the current build serves them.

      Requires the permission skills:write.
    `,
    examples: [['A build that workers versions lists', 'skillos workers promote 0.1.0-3f0c2a91d4e7']],
  });

  identity = identityOptions();
  build = Option.String({ name: 'build' });

  async perform() {
    const actor = await actorOf(this);
    const runtime = openRuntime(this);
    const temporal = await runtime.connect();
    const scope = { ...runtime.ports, tenant: tenantOfProcess(this.config) };
    const before = await promoteBuild(scope, temporal, { build: this.build, actor }).finally(() =>
      temporal.close(),
    );
    this.print({
      text: `build_promoted: ${this.build}`,
      json: { schema: 'skillos.build_promotion/v1', build: this.build, before: before ?? null },
    });
    return EXIT.ok;
  }
}
