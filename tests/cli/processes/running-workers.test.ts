import { EventEmitter, once } from 'node:events';
import { runWorkers } from '../../../cli/processes/running-workers.ts';

/** A worker that drains when it is told to, or fails. */
function aWorker() {
  let state: 'INITIALIZED' | 'RUNNING' | 'STOPPED' = 'INITIALIZED';
  const end = new EventEmitter<{ drained: []; error: [Error] }>();
  return {
    getState: () => state,
    async run() {
      state = 'RUNNING';
      await once(end, 'drained').finally(() => (state = 'STOPPED'));
    },
    shutdown() {
      if (state !== 'RUNNING') throw new Error(`It is ${state}`);
      end.emit('drained');
    },
    fail: (error: Error) => void end.emit('error', error),
  };
}

test('stop lets all workers drain, once', async () => {
  const workers = [aWorker(), aWorker()];
  const running = runWorkers(workers);
  running.stop();
  await running.ended;
  running.stop();
  expect(workers.map((worker) => worker.getState())).toEqual(['STOPPED', 'STOPPED']);
});

test('if one fails the others drain, before its error is told', async () => {
  const [first, second] = [aWorker(), aWorker()];
  const running = runWorkers([first, second]);
  second.fail(new Error('lost'));
  await expect(running.ended).rejects.toThrow('lost');
  expect([first.getState(), second.getState()]).toEqual(['STOPPED', 'STOPPED']);
});
