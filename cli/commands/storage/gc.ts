import { Command, Option } from 'clipanion';
import { serverKeyOf } from '../../../adapters/machine/engine-key.ts';
import { openContents } from '../../../adapters/deployments/contents.ts';
import { collectableBundles } from '../../../adapters/skill-code/bundle-store.ts';
import { startServing } from '../../../adapters/storage/serving.ts';
import { bundleFolder } from '../../../adapters/storage/state.ts';
import { collectStorage } from '../../../client/storage/collect.ts';
import type { Collected } from '../../../client/storage/collect.ts';
import { shortId } from '../../../core/deployments/content.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { RemovedContent } from '../../../core/storage/blobs.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { stopWhenRefused } from '../../processes/stop-when-refused.ts';
import { openRuntime } from '../../runtime.ts';

const NOTED_EVERY = 20_000;

export class StorageGcCommand extends SkillosCommand {
  static override paths = [['storage', 'gc']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Remove runs older than SKILLOS_RETENTION_DAYS, and what nothing needs any more',
    details: `
      Removes runs that ended long ago with their logs, kept connector calls and attachments, old sessions, expired idempotency keys, and blobs
      and bundles that no other run needs. Runs that have not ended and dead letters stay, and so does the audit log.

      It may run at any time but during a migration, such as from cron once a day.
    `,
    examples: [
      ['Look first', 'skillos storage gc --dry-run'],
      ['Remove', 'skillos storage gc'],
    ],
  });

  identity = identityOptions();
  dryRun = Option.Boolean('--dry-run', false, { description: 'Count, and remove nothing' });

  async perform() {
    const actor = await actorOf(this);
    const { root, ports, state } = openRuntime(this);
    let noted = 0;
    const serving = await startServing(
      ports,
      { role: 'storage gc' },
      stopWhenRefused((line) => this.note(line)),
    );
    const collected = await collectStorage(
      {
        ...state,
        journal: ports.journal,
        now: ports.now,
        contents: openContents(state.blobs),
        bundles: collectableBundles(bundleFolder(root)),
      },
      {
        ...this.config,
        signsRequests: this.config.production || serverKeyOf(this.config, this.context.env) !== undefined,
        actor,
        isDryRun: this.dryRun,
        onProgress: (runs) => {
          if (runs - noted < NOTED_EVERY) return;
          noted = runs;
          this.note(`storage_gc: ${runs} runs read`);
        },
      },
    ).finally(() => serving.close());
    this.print(outputOf(collected, this.dryRun));
    return EXIT.ok;
  }
}

function outputOf(collected: Collected, isDryRun: boolean) {
  const { runs, expired, attachments, blobs, bundles, sharedBundles, unreadableDeployments, unusedSince } =
    collected;
  const { oldest, removed, byTenant, kept } = runs;
  const tenants = [...byTenant].map(([tenant, count]) => `${count} of ${tenant}`);
  const content = [
    ['attachments', attachments],
    ['blobs', blobs],
    ['bundles', bundles],
  ] as const;
  const parts = content.map(([what, { items, bytes }]) => `${items} ${what} (${bytes} bytes)`);
  return {
    text: [
      `${isDryRun ? 'storage_found' : 'storage_collected'}: ${removed} runs, ${parts.join(', ')}, ${sharedBundles} shared bundles, ${expired} expired records`,
      ...(tenants.length === 0 ? [] : [`runs by tenant: ${tenants.join(', ')}`]),
      `kept: ${kept} runs, and blobs and bundles that were used since ${unusedSince}`,
      ...(oldest === undefined ? [] : [`oldest: ${oldest.id}, of ${oldest.createdAt}`]),
      ...(unreadableDeployments.length === 0
        ? []
        : [
            `unreadable deployments: ${unreadableDeployments.map(shortId).join(', ')}; all shared bundles are kept until their contents are restored`,
          ]),
    ],
    json: {
      schema: 'skillos.gc/v1',
      dry_run: isDryRun,
      runs: removed,
      runs_by_tenant: Object.fromEntries(byTenant),
      runs_kept: kept,
      oldest_run: oldest?.id ?? null,
      ...Object.fromEntries(content.map(([what, removedContent]) => [what, documentOf(removedContent)])),
      shared_bundles: sharedBundles,
      unreadable_deployments: unreadableDeployments,
      expired_records: expired,
      unused_since: unusedSince,
    },
  };
}

function documentOf({ items, bytes }: RemovedContent) {
  return { items, bytes };
}
