import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runCli } from '../support/run-cli.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SAMPLE = resolve(import.meta.dirname, '../../skills');

describe('skillos run, without --execute', () => {
  test('says that a replacement answers for a deprecated skill', async () => {
    const root = tempFolder();
    cpSync(join(SAMPLE, 'metadata'), join(root, 'metadata'), { recursive: true });
    const env = { SKILLOS_STATE_DIR: tempFolder() };
    const replacement = ['--replacement', 'travel/search_hotels'];
    await skillos(['deprecate-skill', 'travel/search_flights', ...replacement, '--root', root], { env });

    expect(await skillos(['run', 'Find flights to Sochi', '--root', root], { env })).toMatchObject({
      code: 0,
      stdout: 'travel/search_hotels\n',
      stderr: `warning: Skill travel/search_flights is deprecated; travel/search_hotels replaces it
nothing was executed; add --execute to run it
`,
    });
  });

  test('refuses an unknown skill in --skill', async () => {
    const env = { SKILLOS_CACHE_DIR: tempFolder(), SKILLOS_ROOT: SAMPLE };
    const { code, stdout, stderr } = await runCli(['run', 'Find flights', '--skill', 'nope/x'], { env });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Error: Unknown skill "nope/x" (unknown_skill)');
  });
});
