import { changesBetween } from '../../../core/deployments/difference.ts';

const before = {
  format: 1,
  files: { 'a.yaml': 'a', 'b.yaml': 'b', 'c.bin': { base64: 'AA==' } },
  code: { 'x/y': '1' },
} as const;
const after = {
  format: 1,
  files: { 'b.yaml': 'B', 'c.bin': { base64: 'AA==' }, 'd.yaml': 'd' },
  code: { 'x/y': '2' },
} as const;

test('names what was added, changed and removed, files first', () => {
  expect(changesBetween(before, after)).toEqual([
    { change: 'removed', kind: 'file', name: 'a.yaml' },
    { change: 'changed', kind: 'file', name: 'b.yaml' },
    { change: 'added', kind: 'file', name: 'd.yaml' },
    { change: 'changed', kind: 'code', name: 'x/y' },
  ]);
});

test('finds nothing between equal ones, and everything new where there was none', () => {
  expect(changesBetween(before, { ...before })).toEqual([]);
  expect(changesBetween(undefined, before).map(({ change }) => change)).toEqual(Array(4).fill('added'));
});
