import { queryFields } from '../../core/telemetry.ts';

describe('queryFields', () => {
  test('tells of a query what it does not say', () => {
    expect(queryFields('Find flights ✈ to Сочи')).toEqual({
      query_hash: '6de8ef0e7ebbbae51f66cf68e6087f1c037d241ba29e604f2e58fdeeac88b814',
      query_length: 22,
      token_count: 4,
    });
  });
});
