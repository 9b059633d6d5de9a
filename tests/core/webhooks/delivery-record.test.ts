import { deliveryDocument, deliveryItem, deliveryRecords } from '../../../core/webhooks/delivery-record.ts';
import type { DeliveryRecord } from '../../../core/webhooks/delivery-record.ts';
import { webhookDocument } from '../../../core/webhooks/webhook-document.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-28T12:00:00Z');

const record = (id: string, changes: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
  id,
  trigger: 'orders',
  skill: 'ops/first',
  tenant: 'default',
  at: '2026-11-28T12:00:00.000Z',
  status: 'enqueued',
  jobId: 'ops.first-1',
  bytes: 2,
  ...changes,
});

test('keeps small bodies in the record and large ones beside it', async () => {
  const log = deliveryRecords(memoryRecords());
  const large = 'A'.repeat(16 * 1024 + 4);
  await log.add(record('1'), 'e30=');
  await log.add(record('2'), large);
  await log.add(record('2', { trigger: 'other' }), 'e30=');
  const [second, first] = (await log.list({ limit: 10 })) as readonly [DeliveryRecord, DeliveryRecord];
  expect([first.body, second.body, second.trigger]).toEqual(['e30=', undefined, 'orders']);
  await expect(log.bodyOf(first)).resolves.toBe('e30=');
  await expect(log.bodyOf(second)).resolves.toBe(large);
  await expect(log.bodyOf(record('3'))).resolves.toBeUndefined();
  await expect(log.get('1')).resolves.toEqual(record('1', { body: 'e30=' }));
});

test('lists page by page, newest first', async () => {
  const log = deliveryRecords(memoryRecords());
  for (const id of ['1', '2', '3']) await log.add(record(id), 'e30=');
  const page = await log.list({ limit: 2, after: '3' });
  expect(page.map(({ id }) => id)).toEqual(['2', '1']);
});

test('deletes deliveries and bodies after seven days', async () => {
  const log = deliveryRecords(memoryRecords());
  const ago = (days: number) => new Date(NOW - days * DAY).toISOString();
  const large = 'A'.repeat(20_000);
  await log.add(record('1', { at: ago(8) }), large);
  await log.add(record('2', { at: ago(6) }), large);
  await log.sweep(NOW);
  await log.sweep(NOW);
  expect((await log.list({ limit: 10 })).map(({ id }) => id)).toEqual(['2']);
  await expect(log.bodyOf(record('1'))).resolves.toBeUndefined();
  const empty = deliveryRecords(memoryRecords());
  await expect(empty.sweep(NOW)).resolves.toBeUndefined();
});

test('deliveryDocument has the body and says how long it is kept', () => {
  expect(deliveryDocument(record('1'), { a: 1 })).toEqual({
    schema: 'skillos.delivery/v1',
    id: '1',
    trigger: 'orders',
    skill: 'ops/first',
    at: '2026-11-28T12:00:00.000Z',
    status: 'enqueued',
    job_id: 'ops.first-1',
    bytes: 2,
    kept_until: '2026-12-05T12:00:00.000Z',
    body: { a: 1 },
  });
});

test('deliveryItem has what there is', () => {
  const { jobId: _, ...bare } = record('1', { status: 'rejected', reason: 'body_invalid', replayOf: '0' });
  expect(deliveryItem(bare)).toEqual({
    id: '1',
    trigger: 'orders',
    skill: 'ops/first',
    at: '2026-11-28T12:00:00.000Z',
    status: 'rejected',
    reason: 'body_invalid',
    replay_of: '0',
    bytes: 2,
  });
});

test('webhookDocument names the job', () => {
  expect(webhookDocument('skipped', { jobId: 'j', deliveryId: 'd' })).toEqual({
    schema: 'skillos.webhook/v1',
    status: 'skipped',
    job_id: 'j',
    delivery_id: 'd',
  });
});
