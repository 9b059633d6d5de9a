import { ProcessSupervisor } from '../../temporal-dev/supervisor.ts';
import type { SupervisedProcess } from '../../temporal-dev/supervisor.ts';
import type { ProcessEnd } from '../../temporal-dev/process.ts';
import { until } from '../support/eventually.ts';

interface FakeProcess extends SupervisedProcess {
  end(reason: string): void;
}

/** Processes that end when told to; `stop` ends them unless they are stubborn. */
function keep(start: (count: number) => Promise<void> = () => Promise.resolve()) {
  const started: FakeProcess[] = [];
  const downs: { reason: string; pauseMs: number }[] = [];
  let attempts = 0;
  const supervisor = new ProcessSupervisor<FakeProcess>({
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
  return { supervisor, started, downs };
}

function fakeProcess(pid: number): FakeProcess {
  let end: (reason: string) => void = () => undefined;
  const ended = new Promise<ProcessEnd>((resolve) => {
    end = (reason) => resolve({ reason });
  });
  return { pid, ended, end, stop: async () => end('stopped') };
}

describe('ProcessSupervisor', () => {
  test('starts a process again that ended, after growing pauses, and says why it fails at the third end', async () => {
    const { supervisor, started, downs } = keep();
    await supervisor.begin();
    for (const count of [1, 2, 3]) {
      await until(() => started.length === count);
      started[count - 1]?.end('exit code 1');
    }
    await until(() => started.length === 4);

    expect(downs).toEqual([
      { reason: 'ended with exit code 1', pauseMs: 100 },
      { reason: 'ended with exit code 1', pauseMs: 200 },
      { reason: 'ended with exit code 1', pauseMs: 400 },
    ]);
    expect(supervisor.failure).toMatchObject({ message: 'ended with exit code 1' });
    await supervisor.stop();
  });

  test('rejects where the first start fails, and goes on trying', async () => {
    const { supervisor, started } = keep(async (count) => {
      if (count === 1) throw new Error('not yet');
    });

    await expect(supervisor.begin()).rejects.toThrow('not yet');
    await until(() => started.length === 1);
    expect(supervisor.failure).toBeUndefined();
    await supervisor.stop();
  });

  test('lets another take over at once, while the first ends in its own time', async () => {
    const { supervisor, started, downs } = keep();
    await supervisor.begin();
    const [first] = started as [FakeProcess];
    first.stop = () => first.ended.then(() => undefined); // drains

    supervisor.replace();
    await until(() => started.length === 2);

    expect(supervisor.current?.pid).toBe(2);
    expect(supervisor.pids).toEqual([2, 1]);
    first.end('drained');
    await until(() => supervisor.pids.length === 1);
    expect(downs).toEqual([]);
    await supervisor.stop();
    expect(supervisor.pids).toEqual([]);
  });

  test('stops one that is still starting', async () => {
    let serve: () => void = () => undefined;
    const { supervisor, started } = keep(() => new Promise((resolve) => (serve = resolve)));
    const begun = supervisor.begin();
    const stopped = supervisor.stop();
    serve();
    await Promise.all([begun, stopped]);

    expect(started).toHaveLength(1);
    expect(await started[0]?.ended).toEqual({ reason: 'stopped' });
  });

  test('rejects a begin after a stop', async () => {
    const { supervisor } = keep();
    await supervisor.stop();

    await expect(supervisor.begin()).rejects.toThrow('stopped before it served');
  });
});
