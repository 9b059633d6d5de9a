import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openFileRecords } from '../../../adapters/storage/files/file-records.ts';
import { acquireLock, withLock } from '../../../adapters/files/lock.ts';
import { ownIdentity } from '../../../adapters/files/process-identity.ts';
import { sha256 } from '../../../core/values/digest.ts';
import { PROCESSES_TIMEOUT_MS, bundledScript, spawnLines } from '../../support/processes.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const DEAD = { pid: 2 ** 30, started: 'long ago', nonce: 'dead' };

let worker = '';
beforeAll(async () => {
  worker = await bundledScript(new URL('../../support/state-worker.ts', import.meta.url));
});

const aLock = () => path.join(tempFolder(), 'start.lock');
const namesIn = (file: string) =>
  readdirSync(path.dirname(file)).filter((name) => !name.startsWith('.holder-'));

async function plant(file: string, changes: object): Promise<void> {
  writeFileSync(file, JSON.stringify({ ...(await ownIdentity()), nonce: 'planted', ...changes }));
}

describe('acquireLock', () => {
  test('makes the folder and a file that says who owns it, and removes the file on release', async () => {
    const file = path.join(tempFolder(), 'not', 'yet', 'there.lock');
    const lock = await acquireLock(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      ...(await ownIdentity()),
      nonce: expect.stringMatching(/^[0-9a-f]{24}$/),
    });
    await lock.release();
    expect(namesIn(file)).toEqual([]);
  });

  test('lets contenders of one process in by order of arrival', async () => {
    const file = aLock();
    const first = await acquireLock(file);
    const order: number[] = [];
    const waiting = [1, 2, 3, 4].map((number) => withLock(file, async () => order.push(number)));
    await first.release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('releases once, however often it is asked to', async () => {
    const file = aLock();
    const first = await acquireLock(file);
    await first.release();
    const second = await acquireLock(file);
    await first.release();
    await expect(acquireLock(file, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'lock_timeout' });
    await second.release();
  });

  test('says lock_timeout to who waits too long in this process, and keeps the order of the others', async () => {
    const file = aLock();
    const first = await acquireLock(file);
    const second = acquireLock(file, { timeoutMs: 20 });
    const third = acquireLock(file);
    await expect(second).rejects.toMatchObject({
      code: 'lock_timeout',
      message: 'The lock "start.lock" was not free in time',
    });
    expect(existsSync(file)).toBe(true);
    await first.release();
    await (await third).release();
  });

  test('says lock_timeout while another process holds it, and takes it when that process is killed', async () => {
    const file = aLock();
    const owner = spawnLines(process.execPath, [worker, 'file', file, 'lock']);
    await owner.untilLines(1);
    await expect(acquireLock(file, { timeoutMs: 150 })).rejects.toMatchObject({ code: 'lock_timeout' });
    const next = acquireLock(file);
    owner.kill();
    await (await next).release();
    await owner.ended;
    expect(namesIn(file)).toEqual([]);
  });

  test('takes over from a killed process that its parent has not waited for', async () => {
    const file = aLock();
    // `sleep` takes the shell's place and never waits for the shell's child, which becomes a zombie.
    const command = [process.execPath, worker, 'file', file, 'lock'];
    const parent = spawnLines('sh', ['-c', '"$@" & exec sleep 60', 'sh', ...command]);
    await parent.untilLines(1);
    process.kill((parent.lines[0] as { pid: number }).pid, 'SIGKILL');
    await (await acquireLock(file)).release();
    parent.kill();
    await parent.ended;
  });

  test.each([
    ['a dead process', DEAD],
    ['a pid that is in use again', { started: 'before' }],
    ['an earlier boot of this host', { boot: 'earlier' }],
  ])('takes over from %s', async (_, changes) => {
    const file = aLock();
    await plant(file, changes);
    const lock = await acquireLock(file, { timeoutMs: 0 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(expect.objectContaining(await ownIdentity()));
    expect(namesIn(file)).toEqual(['start.lock']);
    await lock.release();
  });

  test.each([
    ['another host', { boot: 'other', host: 'other' }],
    ['another PID namespace', { namespace: 'pid:[1]', pid: 2 ** 30 }],
    ['something that is not understood', { pid: 'x' }],
  ])('says lock_foreign where %s owns it, and leaves it', async (_, changes) => {
    const file = aLock();
    await plant(file, changes);
    const before = readFileSync(file, 'utf8');
    await expect(acquireLock(file, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'lock_foreign' });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('says lock_foreign well before the time is up', async () => {
    const file = aLock();
    await plant(file, { boot: 'other', host: 'other' });
    await expect(acquireLock(file, { timeoutMs: 20_000 })).rejects.toMatchObject({ code: 'lock_foreign' });
  });

  test('says lock_foreign for a file that is no lock', async () => {
    const file = aLock();
    writeFileSync(file, 'notes');
    await expect(acquireLock(file, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'lock_foreign' });
  });

  describe('where another contender is about to take over from the same dead process', () => {
    const guardOf = (file: string) =>
      path.join(path.dirname(file), `.guard-${sha256('start.lock\0dead').slice(0, 32)}`);

    test('waits while that contender lives', async () => {
      const file = aLock();
      await plant(file, DEAD);
      await plant(guardOf(file), {});
      await expect(acquireLock(file, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'lock_timeout' });
      expect(namesIn(file)).toHaveLength(2);
    });

    test('takes its place when it died, too', async () => {
      const file = aLock();
      await plant(file, DEAD);
      await plant(guardOf(file), { ...DEAD, nonce: 'dead as well' });
      await (await acquireLock(file, { timeoutMs: 0 })).release();
      expect(namesIn(file)).toEqual([]);
    });
  });

  test(
    'lets one after the other in when the owner of a lock is killed while 10 processes wait',
    async () => {
      for (let round = 0; round < 3; round++) {
        const dir = tempFolder();
        const owner = spawnLines(process.execPath, [
          worker,
          'file',
          path.join(dir, '.locks/things.a'),
          'lock',
        ]);
        await owner.untilLines(1);
        const args = [worker, 'file', dir, 'increment', 'things', 'a', '10'];
        const contenders = Array.from({ length: 10 }, () => spawnLines(process.execPath, args));
        await Promise.all(contenders.map((contender) => contender.untilLines(1)));
        owner.kill();
        await Promise.all(contenders.map(({ ended }) => ended));
        await expect(openFileRecords(dir).get('things', 'a')).resolves.toEqual({ n: 100 });
        expect(readdirSync(path.join(dir, '.locks')).filter((name) => !name.startsWith('.holder-'))).toEqual(
          [],
        );
      }
    },
    PROCESSES_TIMEOUT_MS,
  );

  test('works on after its folder was removed', async () => {
    const file = aLock();
    await (await acquireLock(file)).release();
    rmSync(path.dirname(file), { recursive: true });
    await (await acquireLock(file)).release();
    expect(namesIn(file)).toEqual([]);
  });

  test('sweeps what killed processes left in the folder', async () => {
    const file = aLock();
    const left = path.join(path.dirname(file), '.holder-dead');
    await plant(left, DEAD);
    await (await acquireLock(file)).release();
    expect(existsSync(left)).toBe(false);
  });

  test('names the lock but not its folder when the disk fails', async () => {
    const folder = path.join(tempFolder(), 'file');
    writeFileSync(folder, '');
    await expect(acquireLock(path.join(folder, 'a.lock'))).rejects.toMatchObject({
      code: 'storage_unreachable',
      message: expect.not.stringContaining(folder),
    });
  });
});
