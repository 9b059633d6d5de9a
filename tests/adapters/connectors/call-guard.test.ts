import { openCallGuard } from '../../../adapters/connectors/call-guard.ts';
import type { CallGuard } from '../../../adapters/connectors/call-guard.ts';
import type { ConnectorSpec } from '../../../core/connectors/connector.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { startRedis } from '../../support/redis.ts';

const http: ConnectorSpec = {
  type: 'http',
  id: 'weather',
  baseUrl: 'https://api.example.com',
  headers: {},
  timeoutMs: 1000,
  allowPrivate: false,
  followRedirects: 0,
};
const limited: ConnectorSpec = { ...http, rateLimitPerMinute: 2 };
const config = parseConfig({
  SKILLOS_CIRCUIT_FAILURE_THRESHOLD: '2',
  SKILLOS_CIRCUIT_OPEN_SECONDS: '30',
  SKILLOS_CIRCUIT_HALF_OPEN_MAX: '1',
});

let now = 0;
const guards: CallGuard[] = [];

function guardOf(more: object = {}): CallGuard {
  const guard = openCallGuard({ ...config, ...more }, () => now);
  guards.push(guard);
  return guard;
}

afterEach(() => Promise.all(guards.splice(0).map((guard) => guard.close())));

describe('the rate limit', () => {
  const refused = {
    code: 'rate_limited',
    message: 'Connector "weather" takes at most 2 calls per minute',
    details: { retry_after_ms: expect.any(Number) },
  };

  test('refuses calls above it, of this connector alone', async () => {
    const guard = guardOf();
    await guard.admit(limited);
    await guard.admit(limited);
    await expect(guard.admit(limited)).rejects.toMatchObject(refused);
    await expect(guard.admit({ ...limited, id: 'other' })).resolves.toBeDefined();
  });

  test('is absent unless the definition has one', async () => {
    const guard = guardOf();
    for (let n = 0; n < 100; n++) await guard.admit(http);
  });

  test('counts for all processes with Redis', async () => {
    const { url: redisUrl } = await startRedis();
    await guardOf({ redisUrl }).admit(limited);
    await guardOf({ redisUrl }).admit(limited);
    await expect(guardOf({ redisUrl }).admit(limited)).rejects.toMatchObject(refused);
  });
});

describe('the circuit', () => {
  type End = Parameters<Awaited<ReturnType<CallGuard['admit']>>>[0];

  async function after(guard: CallGuard, ...ends: readonly End[]): Promise<void> {
    for (const end of ends) (await guard.admit(http))(end);
  }

  test.each<[string, End]>([
    ['unreachable', { code: 'connector_unreachable' }],
    ['too slow', { code: 'connector_timeout' }],
    ['answering 500', { status: 500 }],
  ])('opens if the server is repeatedly %s', async (_name, end) => {
    const guard = guardOf();
    await after(guard, end, end);
    await expect(guard.admit(http)).rejects.toMatchObject({
      code: 'circuit_open',
      message: 'Connector "weather" failed repeatedly, so it is not called',
      details: { retry_after_ms: 30_000 },
    });
    await expect(guard.admit({ ...http, id: 'other' })).resolves.toBeDefined();
  });

  test.each<[string, End]>([
    ['our own refusal', { code: 'path_refused' }],
    ['an answer with 404', { status: 404 }],
    ['an answer without a status', {}],
  ])('stays closed after %s', async (_name, end) => {
    const guard = guardOf();
    await after(guard, end, end, end);
    await expect(guard.admit(http)).resolves.toBeDefined();
  });

  test('is forgotten after an answer', async () => {
    const guard = guardOf();
    await after(guard, { status: 500 }, { status: 200 }, { status: 500 });
    await expect(guard.admit(http)).resolves.toBeDefined();
  });

  test('admits one call when its time is over, which decides', async () => {
    const guard = guardOf();
    await after(guard, { status: 503 }, { status: 503 });
    now += 30_000;
    const end = await guard.admit(http);
    await expect(guard.admit(http)).rejects.toMatchObject({ code: 'circuit_open' });
    end({ status: 200 });
    await expect(guard.admit(http)).resolves.toBeDefined();
  });

  test('admits another call when that one ended with a refusal of our own', async () => {
    const guard = guardOf();
    await after(guard, { status: 503 }, { status: 503 });
    now += 30_000;
    await after(guard, { code: 'path_refused' }, { status: 200 });
    await expect(guard.admit(http)).resolves.toBeDefined();
  });
});
