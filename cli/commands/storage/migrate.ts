import { realpathSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'clipanion';
import { copyAttachment } from '../../../adapters/attachments/copy-attachment.ts';
import { parseRootConfig } from '../../../adapters/catalog/root-settings-file.ts';
import { serverKeyOf } from '../../../adapters/machine/engine-key.ts';
import { openPorts } from '../../../adapters/open.ts';
import { SETTLED_AFTER_MS } from '../../../adapters/storage/guarded-state.ts';
import { announceServing, servingProcesses, watchingText } from '../../../adapters/storage/serving.ts';
import type { Serving, Store } from '../../../adapters/storage/serving.ts';
import { openState } from '../../../adapters/storage/state.ts';
import type { State } from '../../../adapters/storage/state.ts';
import { authorize, recordAudit } from '../../../client/audit/authorize.ts';
import { migrateStorage } from '../../../client/storage/migrate.ts';
import type { MigratePorts, Migrated } from '../../../client/storage/migrate.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { Config } from '../../../core/settings/config.ts';
import { SETTINGS } from '../../../core/settings/settings.ts';
import { sha256 } from '../../../core/values/digest.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { migrationOutput } from './migration-output.ts';

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
  skipDamaged = Option.Boolean('--skip-damaged', false, {
    description: 'Leave out damaged lines of the output of skills, and damaged values that no record names',
  });
  resume = Option.Boolean('--resume', false, { description: 'Continue a migration that was interrupted' });

  async perform() {
    const [from, to] = [backendOf('--from', this.from), backendOf('--to', this.to)];
    if (from === to)
      throw new SkillosError('usage', `Expected --from and --to to differ, got "${from}" twice`);
    const actor = await actorOf(this);
    const sides = { source: this.#open(from), target: this.#open(to) };
    await authorize(sides.source.ports, actor, { operation: 'runs:operate' });
    const migrated = await this.#migrate(sides, from, (leftOut) =>
      recordAudit(sides.target.ports, actor, {
        action: 'storage_migrated',
        before: { backend: from },
        after: { backend: to, ...(leftOut > 0 && { left_out: leftOut }) },
      }),
    );
    if (!this.dryRun)
      this.note(`Now set ${SETTINGS.storageBackend.variable}=${to} for every process, and start them again`);
    this.print(migrationOutput(migrated, { from, to, isDryRun: this.dryRun }));
    const isPossible = migrated.faults.every(({ mayBeSkipped }) => mayBeSkipped && this.skipDamaged);
    return isPossible ? EXIT.ok : EXIT.failed;
  }

  /** `state` has the journal as it is: that of the ports would sign audit entries again. */
  #open(backend: Backend) {
    const { env } = this.located();
    const config = parseRootConfig({ ...env, [SETTINGS.storageBackend.variable]: backend }, this.config.root);
    const state = openState(config);
    const serverKey = serverKeyOf(config, this.context.env);
    const { ports } = openPorts(config, this.context.now, { serverKey, state });
    this.context.onEnd(state.close);
    return { state, ports, id: sourceId(config) };
  }

  async #migrate(
    { source, target }: Record<'source' | 'target', Side>,
    from: Backend,
    recordMigrated: MigratePorts['recordMigrated'],
  ): Promise<Migrated> {
    const { now } = this.context;
    const { dryRun: isDryRun, skipDamaged: skipsDamaged, resume } = this;
    const pause = (ms: number) => {
      this.note(watchingText(ms));
      return delay(ms);
    };
    const stores = [source, target].map(({ state }) => ({ records: state.records, now, pause }));
    const own: Serving[] = [];
    const others = (store: Store, index: number) => own[index]?.others() ?? servingProcesses(store);
    try {
      if (!isDryRun) {
        for (const store of stores) own.push(await announceServing(store, 'migration'));
        await delay(SETTLED_AFTER_MS);
      }
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
      return await migrateStorage(ports, { from, source: source.id, resume, isDryRun, skipsDamaged });
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
