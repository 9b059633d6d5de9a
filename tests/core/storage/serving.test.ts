import { refuseOtherRoot, refuseWhileServing } from '../../../core/storage/serving.ts';
import type { ServingProcess } from '../../../core/storage/serving.ts';

const WORKER: ServingProcess = { role: 'worker', host: 'a', pid: 7 };

test('names the process that uses the storage', () => {
  expect(() => refuseWhileServing([WORKER])).toThrow('A worker uses the storage: process 7 on host "a"');
});

test('refuses nothing where nobody, or nobody of the given roles, uses it', () => {
  refuseWhileServing([]);
  refuseWhileServing([WORKER], ['migration']);
});

test('names the process that serves something else', () => {
  refuseOtherRoot([WORKER, { ...WORKER, serves: 'folder' }], 'folder');
  const text = 'process 7 on host "a"';
  expect(() => refuseOtherRoot([{ ...WORKER, serves: 'folder' }], 'deployment')).toThrow(
    `This process runs what was deployed, and a worker of the same storage the files of its folder: ${text}`,
  );
  expect(() => refuseOtherRoot([{ ...WORKER, serves: 'deployment' }], 'folder')).toThrow(
    `This process runs the files of its folder, and a worker of the same storage what was deployed: ${text}`,
  );
});
