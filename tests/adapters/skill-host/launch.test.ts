import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
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
