import { unitVector } from '../../../core/routing/embedder.ts';

test('unitVector has the direction of the numbers and length 1', () => {
  expect([...(unitVector([3, 0, -4]) ?? [])].map((value) => value.toFixed(3))).toEqual([
    '0.600',
    '0.000',
    '-0.800',
  ]);
});

test.each([[[]], [[0, 0]], [[1, NaN]], [[Infinity, 1]]])('unitVector refuses %j', (values) => {
  expect(unitVector(values)).toBeUndefined();
});
