import { Keeper } from '../../temporal-dev/keeper.ts';
import type { KeptProcess } from '../../temporal-dev/keeper.ts';
import type { ProcessEnd } from '../../temporal-dev/process.ts';
import { until } from '../support/engine.ts';

interface FakeProcess extends KeptProcess {
  end(reason: string): void;
}

/** Processes that end when told to; `stop` ends them unless they are stubborn. */
function keep(start: (count: number) => Promise<void> = () => Promise.resolve()) {
  const started: FakeProcess[] = [];
  const downs: { reason: string; pauseMs: number }[] = [];
  let attempts = 0;
  const keeper = new Keeper<FakeProcess>({
    async start() {
      attempts += 1;
      await start(attempts);
      const made = fakeProcess(started.length + 1);
      started.push(made);
      return made;
    },
    onUp: () => undefined,
    onDown: (reason, pauseMs) => downs.push({ reason, pauseMs }),
  });
  return { keeper, started, downs };
}

function fakeProcess(pid: number): FakeProcess {
  let end: (reason: string) => void = () => undefined;
  const ended = new Promise<ProcessEnd>((resolve) => {
    end = (reason) => resolve({ reason });
  });
  return { pid, ended, end, stop: async () => end('stopped') };
}

describe('Keeper', () => {
  test('starts a process again that ended, after growing pauses, and says why it fails at the third end', async () => {
    const { keeper, started, downs } = keep();
    await keeper.begin();
    for (const count of [1, 2, 3]) {
      await until(() => started.length === count);
      started[count - 1]?.end('exit code 1');
    }
    await until(() => started.length === 4);

    expect(downs).toEqual([
      { reason: 'ended with exit code 1', pauseMs: 100 },
      { reason: 'ended with exit code 1', pauseMs: 300 },
      { reason: 'ended with exit code 1', pauseMs: 900 },
    ]);
    expect(keeper.failure).toMatchObject({ message: 'ended with exit code 1' });
    await keeper.stop();
  });

  test('rejects where the first start fails, and goes on trying', async () => {
    const { keeper, started } = keep(async (count) => {
      if (count === 1) throw new Error('not yet');
    });

    await expect(keeper.begin()).rejects.toThrow('not yet');
    await until(() => started.length === 1);
    expect(keeper.failure).toBeUndefined();
    await keeper.stop();
  });

  test('lets another take over at once, while the first ends in its own time', async () => {
    const { keeper, started, downs } = keep();
    await keeper.begin();
    const [first] = started as [FakeProcess];
    first.stop = () => first.ended.then(() => undefined); // drains

    keeper.replace();
    await until(() => started.length === 2);

    expect(keeper.current?.pid).toBe(2);
    expect(keeper.pids).toEqual([2, 1]);
    first.end('drained');
    await until(() => keeper.pids.length === 1);
    expect(downs).toEqual([]);
    await keeper.stop();
    expect(keeper.pids).toEqual([]);
  });

  test('stops one that is still starting', async () => {
    let serve: () => void = () => undefined;
    const { keeper, started } = keep(() => new Promise((resolve) => (serve = resolve)));
    const begun = keeper.begin();
    const stopped = keeper.stop();
    serve();
    await Promise.all([begun, stopped]);

    expect(started).toHaveLength(1);
    expect(await started[0]?.ended).toEqual({ reason: 'stopped' });
  });

  test('rejects a begin after a stop', async () => {
    const { keeper } = keep();
    await keeper.stop();

    await expect(keeper.begin()).rejects.toThrow('stopped before it served');
  });
});
