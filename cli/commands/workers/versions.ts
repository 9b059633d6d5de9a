import { Command } from 'clipanion';
import { buildIdOf } from '../../../adapters/machine/build-id.ts';
import type { Build } from '../../../client/workers/builds.ts';
import { buildList } from '../../../client/workers/promote.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { tenantOfProcess } from '../../../core/values/tenant.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';
import { VERSION } from '../../version.ts';
import { oneLine } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';

export class WorkersVersionsCommand extends SkillosCommand {
  static override paths = [['workers', 'versions']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List the builds of workers, and which are current or drained',
    details: `
      With SKILLOS_WORKER_VERSIONING=1 a run stays on the build that began it. RUNS are those which still need workers of the build. A
      build is drained when Temporal has found no such run, which it looks for every few minutes; then its workers can be stopped.

      Requires the permission skills:write.
    `,
    examples: [['During an upgrade', 'skillos workers versions']],
  });

  identity = identityOptions();

  async perform() {
    const own = buildIdOf(VERSION);
    const rights = await rightsOf(this);
    const tenant = tenantOfProcess(this.config);
    const temporal = await openRuntime(this).connect();
    const builds = await buildList({ tenant }, temporal, rights).finally(() => temporal.close());
    const rows = builds.map(({ id, state, since, runs, hasWorker }) => [
      oneLine(id),
      state,
      since,
      String(runs),
      hasWorker ? 'polling' : 'none',
    ]);
    this.print({
      text:
        rows.length === 0 ? 'no_builds' : renderTable(['BUILD', 'STATE', 'SINCE', 'RUNS', 'WORKERS'], rows),
      json: {
        schema: 'skillos.builds/v1',
        this_program: own,
        items: builds.map(documentOf),
      },
    });
    this.note(`this program: ${own}`);
    return EXIT.ok;
  }
}

function documentOf({ id, state, since, runs, hasWorker }: Build) {
  return { id, state, since, runs, has_worker: hasWorker };
}
