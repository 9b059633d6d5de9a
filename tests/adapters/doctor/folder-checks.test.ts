import { chmodSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { stateFolderProblems } from '../../../adapters/doctor/folder-checks.ts';
import { openState } from '../../../adapters/storage/state.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const messagesOf = async (root: string) => (await stateFolderProblems(root)).map(({ message }) => message);

test('finds nothing in a new root, and nothing in the state that SkillOS makes', async () => {
  const root = tempFolder();
  await expect(messagesOf(root)).resolves.toEqual([]);
  const { records, journal, blobs } = openState(parseConfig({ SKILLOS_ROOT: root }));
  await records.update('runs', 'a', () => ({ id: 'a' }));
  await records.list('runs', { where: { status: ['error'] } });
  await journal.append('audit/default', [{}]);
  await blobs.put(Buffer.from('x'));
  await expect(messagesOf(root)).resolves.toEqual([]);
});

test.each(['755', '750', '701'])('finds a folder that others may open: %s', async (mode) => {
  const root = tempFolder();
  await openState(parseConfig({ SKILLOS_ROOT: root })).blobs.put(Buffer.from('x'));
  chmodSync(path.join(root, 'runtime'), Number.parseInt(mode, 8));
  await expect(messagesOf(root)).resolves.toEqual([
    `Other users may open the folder "runtime": its mode is ${mode}, expected 700`,
  ]);
});

test('finds an index or a log that cannot be written', async () => {
  const root = tempFolder();
  await openState(parseConfig({ SKILLOS_ROOT: root })).journal.append('audit/default', [{}]);
  symlinkSync('/nowhere/at/all', path.join(root, 'logs', 'execution.log')); // the tests may run as root, which may write everything
  await expect(messagesOf(root)).resolves.toEqual(['State "logs/execution.log" cannot be written']);
});
