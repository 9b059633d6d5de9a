import { findDeployment, listDeployments, recordDeployment } from '../../../core/deployments/deployment.ts';
import type { Deployment } from '../../../core/deployments/deployment.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const idOf = (digits: string) => digits.padEnd(64, '0');
const aDeployment = (digits: string): Deployment => ({
  id: idOf(digits),
  at: '2026-11-29T10:00:00.000Z',
  by: 'ann',
  skills: 1,
  files: 2,
});

async function logOf(...digits: readonly string[]) {
  const records = memoryRecords();
  for (const [index, each] of digits.entries()) {
    await recordDeployment(records, `k${String(index).padStart(4, '0')}`, aDeployment(each));
  }
  return records;
}

test('lists the newest first, in pages', async () => {
  const records = await logOf('aaaa', 'bbbb', 'cccc');
  const page = await listDeployments(records, { limit: 2 });
  expect(page).toEqual({ items: [aDeployment('cccc'), aDeployment('bbbb')], next: 'k0001' });
  await expect(listDeployments(records, { limit: 2, after: 'k0001' })).resolves.toEqual({
    items: [aDeployment('aaaa')],
  });
});

test('finds one by its first digits, also on a later page', async () => {
  const many = Array.from({ length: 501 }, (_, index) => (0x20000 + index).toString(16));
  const records = await logOf('abcd', ...many, 'abce', 'abce');
  await expect(findDeployment(records, 'abcd')).resolves.toEqual(aDeployment('abcd'));
  await expect(findDeployment(records, idOf('abce'))).resolves.toEqual(aDeployment('abce'));
});

test.each([
  ['abcf', 'unknown_deployment', 'Unknown deployment "abcf"'],
  ['abc', 'usage', 'Invalid deployment "abc": expected 4 to 64 digits of its id, 0-9 and a-f'],
  ['xyz!', 'usage', 'Invalid deployment "xyz!": expected 4 to 64 digits of its id, 0-9 and a-f'],
  [
    'abcd',
    'usage',
    '"abcd" begins several deployments: expected more digits of one of abcd20000000, abcd10000000',
  ],
])('refuses %s', async (given, code, message) => {
  const records = await logOf('abcd1', 'abcd2', 'abcd1');
  await expect(findDeployment(records, given)).rejects.toMatchObject({
    code,
    message: given === 'abcd' ? expect.stringContaining('begins several deployments') : message,
  });
});
