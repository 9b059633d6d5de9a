import { retryPauseMs } from '../../../../core/connectors/http/retry.ts';

describe('retryPauseMs', () => {
  test.each([
    ['GET', { kind: 'unsent' }, true],
    ['POST', { kind: 'unsent' }, true],
    ['GET', { kind: 'lost' }, true],
    ['PUT', { kind: 'lost' }, true],
    ['DELETE', { kind: 'lost' }, true],
    ['POST', { kind: 'lost' }, false],
    ['PATCH', { kind: 'lost' }, false],
    ['GET', { kind: 'answered', status: 200 }, false],
    ['GET', { kind: 'answered', status: 500 }, false],
    ['GET', { kind: 'answered', status: 429 }, true],
    ['HEAD', { kind: 'answered', status: 503 }, true],
    ['POST', { kind: 'answered', status: 503 }, false],
  ] as const)('%s that ended %j is repeated: %s', (method, end, expected) => {
    expect(retryPauseMs({ method, number: 1, end }, 0) !== undefined).toBe(expected);
  });

  test('pauses at random, up to twice as long each time', () => {
    const pause = (number: number, random: number) =>
      retryPauseMs({ method: 'GET', number, end: { kind: 'lost' } }, random);
    expect([pause(1, 0), pause(1, 0.5), pause(2, 0.5), pause(3, 0.5)]).toEqual([0, 100, 200, undefined]);
  });

  test('pauses at least as long as the server asks for', () => {
    const end = { kind: 'answered', status: 429, retryAfterMs: 3000 } as const;
    expect(retryPauseMs({ method: 'GET', number: 1, end }, 0.5)).toBe(3100);
  });
});
