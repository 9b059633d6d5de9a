import { livenessOf, ownIdentity } from '../../../adapters/files/process-identity.ts';

describe('ownIdentity', () => {
  test('names this process and knows all of it', async () => {
    const self = await ownIdentity();
    expect(self.pid).toBe(process.pid);
    expect(Object.values(self)).not.toContain('unknown');
    expect(await ownIdentity()).toEqual(self);
  });
});

describe('livenessOf', () => {
  test.each([
    ['alive', 'this process', {}],
    ['dead', 'a later process with the pid of a dead one', { started: '1' }],
    ['alive', 'a process whose start is not known', { started: 'unknown' }],
    ['dead', 'an earlier boot of this host', { boot: 'other' }],
    ['foreign', 'another host', { boot: 'other', host: 'other' }],
    ['foreign', 'another PID namespace of this host', { namespace: 'pid:[1]', pid: 2 ** 30 }],
    ['dead', 'a pid that is not in use', { pid: 2 ** 30 }],
  ])('is %s for %s', async (expected, _, changes) => {
    await expect(livenessOf({ ...(await ownIdentity()), ...changes })).resolves.toBe(expected);
  });

  test('is alive for a process of another user or of the system', async () => {
    await expect(livenessOf({ ...(await ownIdentity()), pid: 1, started: 'unknown' })).resolves.toBe('alive');
  });
});
