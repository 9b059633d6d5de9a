import { queryFields } from '../../../core/telemetry/events.ts';

describe('queryFields', () => {
  test('describes a query without its text', () => {
    expect(queryFields('Find flights ✈ to Сочи')).toEqual({
      query_hash: '6de8ef0e7ebbbae51f66cf68e6087f1c037d241ba29e604f2e58fdeeac88b814',
      query_length: 22,
      token_count: 4,
    });
  });
});
