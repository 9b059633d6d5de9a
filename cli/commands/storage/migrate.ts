import { realpathSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'clipanion';
import { copyAttachment } from '../../../adapters/attachments/copy-attachment.ts';
import { parseRootConfig } from '../../../adapters/catalog/root-settings-file.ts';
import { serverKeyOf } from '../../../adapters/machine/engine-key.ts';
import { openPorts } from '../../../adapters/open.ts';
import { announceServing, servingProcesses } from '../../../adapters/storage/serving.ts';
import type { Serving, Store } from '../../../adapters/storage/serving.ts';
import { openState } from '../../../adapters/storage/state.ts';
import type { State } from '../../../adapters/storage/state.ts';
import { authorize, recordAudit } from '../../../client/audit/authorize.ts';
import { migrateStorage } from '../../../client/storage/migrate.ts';
import type { StoreCounts } from '../../../client/storage/store-copy.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { Config } from '../../../core/settings/config.ts';
import { SETTINGS } from '../../../core/settings/settings.ts';
import { sha256 } from '../../../core/values/digest.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';

const BACKENDS = ['file', 'postgres'] as const;
type Backend = (typeof BACKENDS)[number];

export class StorageMigrateCommand extends SkillosCommand {
  static override paths = [['storage', 'migrate']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Copy all state from files to Postgres or back, and compare the copy',
    details: `
      Copies records, logs, large values and attachments, and then compares them. The source is not changed. The target must be
      empty, and no worker or server may use either of them.

      If it was interrupted, --resume continues it. Afterwards set SKILLOS_STORAGE_BACKEND and start the workers again.
    `,
    examples: [
      ['Look first', 'skillos storage migrate --from file --to postgres --dry-run'],
      ['Copy to the database of SKILLOS_POSTGRES_DSN', 'skillos storage migrate --from file --to postgres'],
    ],
  });

  identity = identityOptions();
  from = Option.String('--from', { required: true, description: 'The storage to copy: file or postgres' });
  to = Option.String('--to', { required: true, description: 'The storage to fill: postgres or file' });
  dryRun = Option.Boolean('--dry-run', false, { description: 'Count, and copy nothing' });
  resume = Option.Boolean('--resume', false, { description: 'Continue a migration that was interrupted' });

  async perform() {
    const [from, to] = [backendOf('--from', this.from), backendOf('--to', this.to)];
    if (from === to)
      throw new SkillosError('usage', `Expected --from and --to to differ, got "${from}" twice`);
    const actor = await actorOf(this);
    const sides = { source: this.#open(from), target: this.#open(to) };
    await authorize(sides.source.ports, actor, { operation: 'runs:operate' });
    const act = { action: 'storage_migrated', before: { backend: from }, after: { backend: to } } as const;
    const counts = await this.#migrate(sides, from, () => recordAudit(sides.target.ports, actor, act));
    if (!this.dryRun)
      this.note(`Now set ${SETTINGS.storageBackend.variable}=${to} for every process, and start them again`);
    this.print(outputOf(counts, { from, to, isDryRun: this.dryRun }));
    return EXIT.ok;
  }

  /** `state` has the journal as it is: that of the ports would sign audit entries again. */
  #open(backend: Backend) {
    const { env } = this.located();
    const config = parseRootConfig({ ...env, [SETTINGS.storageBackend.variable]: backend }, this.config.root);
    const state = openState(config);
    const signing = openPorts(config, this.context.now, serverKeyOf(config, this.context.env));
    this.context.onEnd(() => state.close());
    this.context.onEnd(() => signing.state.close());
    return { state, ports: signing.ports, id: sourceId(config) };
  }

  async #migrate(
    { source, target }: Record<'source' | 'target', Side>,
    from: Backend,
    recordMigrated: () => Promise<void>,
  ): Promise<StoreCounts> {
    const { now } = this.context;
    const { dryRun: isDryRun, resume } = this;
    const pause = (ms: number) => {
      this.note(`A process on another host may have ended: watching its record for ${ms / 60_000} minutes`);
      return delay(ms);
    };
    const stores = [source, target].map(({ state }) => ({ records: state.records, now, pause }));
    const own: Serving[] = [];
    const others = (store: Store, index: number) => own[index]?.others() ?? servingProcesses(store);
    try {
      if (!isDryRun) for (const store of stores) own.push(await announceServing(store, 'migration'));
      const ports = {
        source: source.state,
        target: target.state,
        now,
        recordMigrated,
        processes: async () => (await Promise.all(stores.map(others))).flat(),
        copyAttachment: copyAttachment.bind(undefined, {
          source: source.state.attachments,
          target: target.state.attachments,
        }),
        onProgress: (part: string, done: number) => this.note(`storage_migrating: ${done} ${part}`),
      };
      return await migrateStorage(ports, { from, source: source.id, resume, isDryRun });
    } finally {
      for (const serving of own) await serving.close();
    }
  }
}

interface Side {
  readonly state: State;
  readonly id: string;
}

/** Identifies a storage without telling the path or the address. A changed user, password or TLS setting does not matter. */
function sourceId({ storageBackend, root, postgresDsn = '', postgresSchema }: Config): string {
  if (storageBackend === 'file') return sha256(realpathSync(root));
  if (!URL.canParse(postgresDsn)) return sha256(postgresDsn); // the first statement refuses it
  const { host, pathname, searchParams } = new URL(postgresDsn);
  return sha256(JSON.stringify([searchParams.get('host') ?? host, pathname, postgresSchema]));
}

function backendOf(option: string, text: string): Backend {
  const found = BACKENDS.find((backend) => backend === text);
  if (found !== undefined) return found;
  throw new SkillosError(
    'usage',
    `Unknown ${option} ${JSON.stringify(text)}: expected ${BACKENDS.join(' or ')}`,
  );
}

function outputOf(
  { records, logs, blobs, attachments, missing }: StoreCounts,
  { from, to, isDryRun }: { readonly from: Backend; readonly to: Backend; readonly isDryRun: boolean },
) {
  const verb = isDryRun ? 'storage_counted' : 'storage_migrated';
  const lost = missing === 0 ? '' : `; ${missing} attachments were no longer stored`;
  return {
    text: `${verb}: ${records} records, ${logs} logs, ${blobs} blobs, ${attachments} attachments${lost}`,
    json: {
      schema: 'skillos.migration/v1',
      from,
      to,
      dry_run: isDryRun,
      records,
      logs,
      blobs,
      attachments,
      attachments_missing: missing,
    },
  };
}
