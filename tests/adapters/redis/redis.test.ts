import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { openRedis } from '../../../adapters/redis/redis.ts';
import type { Redis } from '../../../adapters/redis/redis.ts';
import { deadAddress } from '../../support/dead-address.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { silentServer } from '../../support/silent-server.ts';
import { eventually } from '../../support/eventually.ts';

const TLS = {
  cert: readFileSync(new URL('../../fixtures/tls/server.crt', import.meta.url)),
  key: readFileSync(new URL('../../fixtures/tls/server.key', import.meta.url)),
};

const opened: Redis[] = [];

afterEach(() => {
  for (const redis of opened.splice(0)) redis.close();
});

async function open(url: string): Promise<Redis> {
  const redis = await openRedis(url, 'test');
  opened.push(redis);
  return redis;
}

async function openReady(server: TestRedis): Promise<Redis> {
  const redis = await open(server.url);
  await eventually(() => redis.probe());
  return redis;
}

/** What a probe says, and whether it said so soon. */
async function probed(redis: Redis): Promise<string> {
  const begun = performance.now();
  const said = await redis.probe().then(
    () => 'ready',
    (error: Error) => error.message,
  );
  return performance.now() - begun < 1000 ? said : `${said}, late`;
}

const refused = (reason: string) => `Cannot use Redis: ${reason}`;

describe('openRedis', () => {
  test('answers the first command without waiting for anything else', async () => {
    const server = await startRedis();
    await eventually(async () => {
      const redis = await open(server.url);
      await redis.use((client) => client.set('a', 'b'));
      expect(await redis.use((client) => client.get('a'))).toBe('b');
    });
  });

  test('names no address, password or value where nothing listens', async () => {
    const redis = await open(`redis://ann:hush@${await deadAddress()}`);
    const asked = redis.use((client) => client.set('key', 'secret'));
    await expect(asked).rejects.toMatchObject({
      code: 'redis_unreachable',
      message: refused('nothing listens there'),
    });
    await expect(asked).rejects.not.toHaveProperty('cause');
  });

  test.each<[string, readonly string[], string, string]>([
    ['needs a password', ['requirepass hush'], '', 'the user name or the password is refused'],
    ['has another password', ['requirepass hush'], 'ann:wrong@', 'the user name or the password is refused'],
    ['is full', ['maxmemory 1', 'maxmemory-policy noeviction'], '', 'its memory is full'],
    ['is a replica', ['replicaof 127.0.0.1 1'], '', 'it is a replica, which takes no writes'],
  ])('says so where Redis %s', async (_what, settings, user, reason) => {
    const server = await startRedis(...settings);
    const redis = await open(server.url.replace('//', `//${user}`));
    await eventually(async () => expect(await probed(redis)).toBe(refused(reason)));
  });

  test('trusts no certificate that nobody signed', async () => {
    const server = createServer(TLS).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const redis = await open(`rediss://127.0.0.1:${(server.address() as AddressInfo).port}`);
      await eventually(async () =>
        expect(await probed(redis)).toBe(refused('no TLS connection that can be trusted')),
      );
    } finally {
      server.close();
    }
  });

  test('uses no other database than the one that is named', async () => {
    const server = await startRedis('databases 2');
    const second = await open(`${server.url}/1`);
    await eventually(async () => void (await second.use((client) => client.set('a', 'b'))));
    expect(await server.use((client) => client.get('a'))).toBeNull();
    const nowhere = await open(`${server.url}/7`);
    await eventually(async () =>
      expect(await probed(nowhere)).toBe(refused('it has no database of that number')),
    );
    await expect(nowhere.use((client) => client.set('a', 'b'))).rejects.toThrow('database');
    expect(await server.use((client) => client.dbsize())).toBe(0);
  });

  test('writes nothing but under its prefix', async () => {
    const server = await startRedis();
    await openReady(server);
    expect(await server.use((client) => client.keys('*'))).toEqual(['test:probe']);
  });

  test('goes on when Redis is back, and sends nothing that was refused meanwhile', async () => {
    const server = await startRedis();
    const redis = await openReady(server);
    await server.stop();
    await expect(redis.use((client) => client.set('late', '1'))).rejects.toThrow('Cannot use Redis');
    expect(await probed(redis)).toMatch(/^Cannot use Redis: (nothing listens there|the connection broke)$/);
    await server.start();
    await eventually(async () => expect(await probed(redis)).toBe('ready'));
    expect(await server.use((client) => client.get('late'))).toBeNull();
  });

  test('lets nobody wait again for a Redis that fell silent', async () => {
    const server = await startRedis();
    const redis = await openReady(server);
    server.pause();
    const late = refused('it does not answer within 50 ms');
    expect(await Promise.all([probed(redis), probed(redis)])).toEqual([late, late]);
    const begun = performance.now();
    for (let asked = 0; asked < 100; asked++) expect(await probed(redis)).toBe(late);
    expect(performance.now() - begun).toBeLessThan(100 * 50); // what they would have waited together
    server.resume();
    await eventually(async () => expect(await probed(redis)).toBe('ready'));
  });

  test('gives up a connection that stays silent, and recovers', async () => {
    const server = await startRedis();
    const redis = await openReady(server);
    server.pause();
    expect(await probed(redis)).toBe(refused('it does not answer within 50 ms'));
    await eventually(async () => expect(await probed(redis)).not.toContain('50 ms'));
    server.resume();
    await eventually(async () => expect(await probed(redis)).toBe('ready'));
  });

  test('is not held up by a server that accepts and never answers', async () => {
    await using server = await silentServer();
    const redis = await open(`redis://${server.address}`);
    expect(await probed(redis)).toBe(refused('it does not answer within 50 ms'));
    expect(await probed(redis)).toBe(refused('it does not answer within 50 ms'));
  });

  test('is not held up or broken by a server that speaks something else', async () => {
    await using server = await silentServer('HTTP/1.1 400 Bad Request\r\n\r\n');
    const redis = await open(`redis://${server.address}`);
    expect(await probed(redis)).toMatch(/^Cannot use Redis: /);
  });

  test('takes an answer that lay there while this process was busy', async () => {
    const server = await startRedis();
    const redis = await openReady(server);
    const asked = redis.use((client) => client.get('a'));
    await new Promise(setImmediate); // it is sent
    const until = performance.now() + 120;
    while (performance.now() < until);
    expect(await asked).toBeNull();
  });
});
