import { refuseWhileServing } from '../../../core/storage/serving.ts';
import type { ServingProcess } from '../../../core/storage/serving.ts';

const WORKER: ServingProcess = { role: 'worker', host: 'a', pid: 7 };

test('names the process that uses the storage', () => {
  expect(() => refuseWhileServing([WORKER])).toThrow('A worker uses the storage: process 7 on host "a"');
});

test('refuses nothing where nobody, or nobody of the given roles, uses it', () => {
  refuseWhileServing([]);
  refuseWhileServing([WORKER], ['migration']);
});
