import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTextFile, readTextFile } from '../../../adapters/files/text-file.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const MAX_BYTES = 1024 * 1024;
const ABSENT = {};

/** Each edit is seen by the next call, although it follows the one before at once. */
const EDITS: readonly [string, (file: string, folder: string) => void, ReturnType<typeof readTextFile>][] = [
  ['other text of the same length', (file) => writeFileSync(file, 'two'), 'two'],
  ['a file renamed over it', (file) => replace(file, 'new'), 'new'],
  ['the times of the text before', (file) => keepTimes(file, 'six'), 'six'],
  ['removed', (file) => rmSync(file), ABSENT],
  ['removed with its folder', (_file, folder) => rmSync(folder, { recursive: true }), ABSENT],
  ['a folder in its place', (file) => (rmSync(file), mkdirSync(file)), { problem: 'is not a regular file' }],
  ['no UTF-8', (file) => writeFileSync(file, Buffer.of(0xff)), { problem: 'is not UTF-8' }],
  [
    'too large',
    (file) => writeFileSync(file, 'x'.repeat(MAX_BYTES + 1)),
    { problem: 'is larger than 1 MiB' },
  ],
  ['a dangling link', (file) => (rmSync(file), symlinkSync('nowhere', file)), { problem: 'cannot be read' }],
];

test.each(EDITS)('%s', (_name, edit, expected) => {
  const folder = join(tempFolder(), 'folder');
  const file = join(folder, 'file.txt');
  mkdirSync(folder);
  writeFileSync(file, 'one');
  const read = openTextFile(file, MAX_BYTES);
  expect(read()).toBe('one');
  edit(file, folder);
  expect(read()).toEqual(expected);
  expect(readTextFile(file, MAX_BYTES)).toEqual(expected);
  replaceAll(folder, file, 'back');
  expect(read()).toBe('back');
});

test.each([
  ['in a folder', ''],
  ['without its folder', 'missing'],
])('an absent file %s is found when it appears', (_name, folder) => {
  const file = join(tempFolder(), folder, 'file.txt');
  const read = openTextFile(file, MAX_BYTES);
  expect([read(), read()]).toEqual([ABSENT, ABSENT]);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, 'here');
  expect(read()).toBe('here');
});

test('an unchanged file is not read again', () => {
  const file = join(tempFolder(), 'file.txt');
  writeFileSync(file, Buffer.of(0xff));
  const read = openTextFile(file, MAX_BYTES);
  let last = read();
  const isSame = () => {
    const next = read();
    const same = next === last;
    last = next;
    return same;
  };
  while (!isSame()); // until the last write is older than a tick of the clock
  chmodSync(file, 0o640);
  expect(isSame()).toBe(false);
});

function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function keepTimes(file: string, text: string): void {
  writeFileSync(file, text);
  utimesSync(file, 1, 1);
}

function replaceAll(folder: string, file: string, text: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(file, text);
}
