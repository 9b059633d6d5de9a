/** Streams that take nothing. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { packageFile } from '../../adapters/machine/package.ts';
import { tempFolder } from '../support/temp-folder.ts';

const PROGRAM = packageFile('dist/skillos.mjs');
const SAMPLE = resolve(import.meta.dirname, '../../skills');

test('a result that cannot be written is a failure that is told', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'help', 'exit-codes'], {
    env: {},
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  expect([status, stderr]).toEqual([1, 'Error: Cannot write the output: ENOSPC\n']);
});

test('progress that nobody reads changes nothing', async () => {
  const child = spawn(process.execPath, [PROGRAM, 'run', 'Find flights to Sochi', '--root', SAMPLE], {
    env: { SKILLOS_STATE_DIR: tempFolder() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.destroy();
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const [code] = (await once(child, 'close')) as [number];
  expect([code, stdout]).toEqual([0, 'travel/search_flights\n']);
});
