import { ulid } from 'ulid';
import { openContents } from '../../../adapters/deployments/contents.ts';
import { openPorts } from '../../../adapters/open.ts';
import { collectableBundles } from '../../../adapters/skill-code/bundle-store.ts';
import { collectStorage } from '../../../client/storage/collect.ts';
import { attachmentRecords } from '../../../core/attachments/attachment-records.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import type { Journal } from '../../../core/storage/journal.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { requestIdOf } from '../../../core/values/run-id.ts';
import { aRecord, aRights } from '../../support/builders.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const ENDED = '2026-01-01T00:00:00.000Z';
const SINCE = '2026-05-02T00:00:00.000Z';

/** A root with an old run of each tenant, which has attachments, and what `storage gc` does there while appends to the audit logs call `onAppend`. */
async function aRoot(tenants: readonly string[], onAppend: (log: string) => void = () => undefined) {
  const { state, ports } = openPorts(parseConfig({ SKILLOS_ROOT: tempFolder() }), () => NOW);
  const ids = tenants.map(() => `test.echo-${ulid(Date.parse(ENDED))}`);
  for (const [index, tenant] of tenants.entries()) {
    const id = ids[index] as string;
    const record = aRecord({
      id,
      tenant,
      status: 'success',
      createdAt: ENDED,
      endedAt: ENDED,
    });
    await runRecords(ports.records).open(record);
    await attachmentRecords(ports.records).add(requestIdOf(id), { runId: id, at: ENDED, items: [] });
  }
  const journal: Journal = {
    ...ports.journal,
    append: async (log, entries) => {
      onAppend(log);
      await ports.journal.append(log, entries);
    },
  };
  const collector = {
    ...state,
    journal,
    now: ports.now,
    contents: openContents(state.blobs),
    bundles: collectableBundles(tempFolder()),
  };
  const actor = { rights: aRights(), way: 'cli' as const };
  const retention = { retentionDays: 30, idempotencyTtlSeconds: 0, signsRequests: false };
  const collect = (isDryRun = false) =>
    collectStorage(collector, { ...retention, actor, isDryRun, onProgress: () => undefined });
  return {
    collect,
    left: async () => {
      const runs = await Promise.all(ids.map((id) => runRecords(ports.records).get(id)));
      const attached = await Promise.all(
        ids.map((id) => attachmentRecords(ports.records).get(requestIdOf(id))),
      );
      return { runs: runs.filter(Boolean).length, attached: attached.filter(Boolean).length };
    },
    audited: async (tenant: string) =>
      (await ports.journal.read(`audit/${tenant}`)).entries.map(({ action, after }) => [action, after]),
  };
}

const refuse = (log: string) => {
  throw new SkillosError('storage_full', `No room for ${log}`);
};

test('each tenant that loses runs finds the begin and the number in its audit log', async () => {
  const { collect, left, audited } = await aRoot(['acme', 'acme', 'other']);
  await collect(true);
  expect(await audited('default')).toEqual([]);
  expect(await collect()).toMatchObject({ runs: { removed: 3 } });
  expect(await left()).toEqual({ runs: 0, attached: 0 });
  const started = ['storage_collection_started', { runs_ended_before: SINCE }];
  const shared = { blobs: 0, bundles: 0, shared_bundles: 0 };
  expect(await audited('acme')).toEqual([started, ['storage_collected', { runs: 2 }]]);
  expect(await audited('other')).toEqual([started, ['storage_collected', { runs: 1 }]]);
  expect(await audited('default')).toEqual([started, ['storage_collected', { runs: 0, ...shared }]]);
});

test.each(['audit/default', 'audit/acme'])(
  'removes nothing of a run if %s takes no entry',
  async (refused) => {
    const { collect, left } = await aRoot(['acme'], (log) => void (log === refused && refuse(log)));
    await expect(collect()).rejects.toMatchObject({ code: 'storage_full' });
    expect(await left()).toEqual({ runs: 1, attached: 1 });
  },
);
