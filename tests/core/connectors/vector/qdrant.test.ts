import { qdrantAnswer, qdrantRequest } from '../../../../core/connectors/vector/qdrant.ts';

const point = { id: 1, vector: [0.1, 0.2], payload: { city: 'Sochi' } };

describe('qdrantRequest', () => {
  test.each([
    [
      'search',
      { collection: 'trips', vector: [1, 2], limit: 3 },
      {
        method: 'POST',
        path: '/collections/trips/points/search',
        json: { vector: [1, 2], limit: 3, with_payload: true },
      },
    ],
    [
      'upsert',
      { collection: 'trips', points: [point] },
      { method: 'PUT', path: '/collections/trips/points', query: { wait: true }, json: { points: [point] } },
    ],
    [
      'delete',
      { collection: 'trips', ids: [1, 'a'] },
      {
        method: 'POST',
        path: '/collections/trips/points/delete',
        query: { wait: true },
        json: { points: [1, 'a'] },
      },
    ],
    ['collections', {}, { method: 'GET', path: '/collections' }],
  ])('makes a request of %s', (operation, args, request) => {
    expect(qdrantRequest('v', operation, args)).toEqual(request);
  });

  test.each([
    ['query', {}, 'Connector "v" is a vector store: expected search, upsert or delete, got "query"'],
    ['toString', {}, 'expected search, upsert or delete'],
    ['search', { collection: '../x', vector: [1], limit: 1 }, 'Invalid search.collection'],
    ['search', { collection: '..', vector: [1], limit: 1 }, 'Invalid search.collection'],
    ['search', { collection: 'c', vector: [], limit: 1 }, 'Invalid search.vector'],
    ['search', { collection: 'c', vector: [1], limit: 0 }, 'Invalid search.limit'],
    ['upsert', { collection: 'c', points: [{ id: -1, vector: [1] }] }, 'Invalid upsert.points.0.id'],
    ['delete', { collection: 'c', ids: [] }, 'Invalid delete.ids'],
  ])('refuses %s %j', (operation, args, message) => {
    const call = () => qdrantRequest('v', operation, args);
    expect(call).toThrow(expect.objectContaining({ code: 'connector_invalid' }) as Error);
    expect(call).toThrow(message);
  });
});

describe('qdrantAnswer', () => {
  test('gives matches without what belongs to the server', () => {
    const result = [
      { id: 1, version: 3, score: 0.9, payload: { a: 1 }, vector: null },
      { id: 'b', version: 3, score: 0.8, payload: null },
    ];
    expect(qdrantAnswer('v', 'search', { status: 200, body: { result, status: 'ok', time: 0.1 } })).toEqual([
      { id: 1, score: 0.9, payload: { a: 1 } },
      { id: 'b', score: 0.8 },
    ]);
  });

  test('gives the result of other operations as it is', () => {
    const result = { operation_id: 1, status: 'completed' };
    expect(qdrantAnswer('v', 'upsert', { status: 200, body: { result } })).toEqual(result);
  });

  test.each([
    [200, 'hello', 'connector_invalid', 'does not answer as Qdrant does'],
    [200, { result: [{ id: 1 }] }, 'connector_invalid', 'does not answer as Qdrant does'],
    [302, '', 'connector_invalid', 'the server answered 302'],
    [404, { status: { error: 'Not found' } }, 'connector_invalid', 'the server answered 404: Not found'],
    [401, 'Invalid API key', 'connector_invalid', 'the server answered 401'],
    [429, '', 'rate_limited', 'the server answered 429'],
    [503, '', 'connector_unreachable', 'the server answered 503'],
  ])('refuses %d %j: %s', (status, body, code, message) => {
    const call = () => qdrantAnswer('v', 'search', { status, body });
    expect(call).toThrow(expect.objectContaining({ code }) as Error);
    expect(call).toThrow(message);
  });

  test('cuts a long message before a word, which may be a secret', () => {
    const body = { status: { error: `${'x '.repeat(145)}not-the-whole-key` } };
    expect(() => qdrantAnswer('v', 'search', { status: 400, body })).toThrow(/ x \.\.\.$/);
  });
});
