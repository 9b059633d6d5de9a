import { queryFields, skippedEvent } from '../../../core/telemetry/events.ts';

describe('queryFields', () => {
  test('describes a query without its text', () => {
    expect(queryFields('Find flights ✈ to Сочи')).toEqual({
      query_hash: '6de8ef0e7ebbbae51f66cf68e6087f1c037d241ba29e604f2e58fdeeac88b814',
      query_length: 22,
      token_count: 4,
    });
  });
});

test('skippedEvent names a key by its hash', () => {
  const expiresAt = Date.parse('2027-01-01T00:05:00Z');
  expect(skippedEvent({ source: 'webhook', skill: 'ops/first', key: 'order-7', expiresAt })).toEqual({
    event: 'idempotency_skipped',
    source: 'webhook',
    skill_id: 'ops/first',
    idempotency_key_hash: 'df8cf80227ec3237922df0ecd88385c546e4a31bdb8127b033f01e6f21f175df',
    expires_at: '2027-01-01T00:05:00.000Z',
  });
});
