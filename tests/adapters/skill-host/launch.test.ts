import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { writableCodeIn } from '../../../adapters/skill-host/launch.ts';
import { tempFolder } from '../../support/temp-folder.ts';

describe('createLauncher', () => {
  test('warns where the memory of Buffers cannot be bounded, and starts processes all the same', async () => {
    const folder = tempFolder();
    const childPath = path.join(folder, 'child.mjs');
    writeFileSync(childPath, "process.stdout.write('up')");
    const options = { childPath, root: folder, memoryMb: 64, environment: { PATH: folder } };
    const outfile = path.join(folder, 'worker.mjs');
    await build({
      stdin: {
        contents: `import { createLauncher } from './adapters/skill-host/launch.ts';
          createLauncher(${JSON.stringify(options)})().child.stdout.pipe(process.stdout);`,
        resolveDir: process.cwd(),
      },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    const { stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
    expect(stdout).toBe('up');
    expect(stderr).toContain(
      '[SKILLOS_SKILL_MEMORY] Warning: Memory of skill processes is bounded for objects only',
    );
  });
});

test('counts the memory for machine code that a newer Node maps writable', () => {
  const maps = [
    '7c1f00000000-7c1f20000000 rwxp 00000000 00:00 0 ', // of a worker thread
    '7c2f00000000-7c2f20000000 rwxp 00000000 00:00 0 ',
    '7c2f20000000-7c2f20001000 rw-p 00000000 00:00 0 ',
    '7c2f30000000-7c2f30001000 r-xp 00000000 08:01 12 /usr/bin/node',
  ];
  expect(writableCodeIn(maps.join('\n'))).toBe(512 * 1024 * 1024);
});
