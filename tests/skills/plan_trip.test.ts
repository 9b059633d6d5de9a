import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { openSkillCode } from '../../adapters/skill-code/bundles.ts';
import { reviewCatalog } from '../../adapters/catalog/catalog-review.ts';
import { openCatalog } from '../../adapters/catalog/catalog.ts';
import { openTestBench } from '../../adapters/testing/test-bench.ts';
import { readContent } from '../../client/skills/skill-content.ts';
import { isActive } from '../../core/skills/composition.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { casesOf } from '../../core/testing/skill-test.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const TRIP = parseSkillId('travel/plan_trip');

function aCopy(): string {
  const root = tempFolder();
  for (const folder of ['metadata', 'implementations', 'compositions', 'connectors']) {
    cpSync(join(import.meta.dirname, '../../skills', folder), join(root, folder), { recursive: true });
  }
  return root;
}

describe('travel/plan_trip', () => {
  test('is active as it stands, and nothing is wrong with it', async () => {
    const root = aCopy();
    const catalog = await openCatalog(root).load();
    const composition = catalog.skills.get(TRIP)?.composition;
    expect(composition && isActive(composition)).toBe(true);
    expect(await reviewCatalog(root, catalog)).toEqual([]);
  });

  test('plans each of its examples with flights and a hotel', async () => {
    const root = aCopy();
    const bench = await openTestBench({
      root,
      config: { skillProcesses: 2, skillMemoryMb: 256, parallelLimit: 4, sandbox: 'packages' },
      environment: process.env,
      coveragePath: join(root, 'coverage.json'),
    });
    const code = openSkillCode({ root, storeDir: join(root, 'runtime/bundles') });
    try {
      const content = await readContent({ catalogs: openCatalog(root), code }, TRIP);
      for (const { payload } of casesOf(content, [])) {
        expect(await bench.run(content.plan, payload, { calls: [] })).toMatch(/Flight [\s\S]*Check in/);
      }
    } finally {
      await bench.close();
    }
  });

  test('can be composed again with another kind of output, tested and activated', async () => {
    const root = aCopy();
    const steps = ['--step', 'travel/search_flights|travel/search_hotels'];
    const run = (...argv: readonly string[]) =>
      runCli([...argv, '--root', root], { env: { HOME: root, PATH: process.env['PATH'] ?? '' } });
    expect(await run('compose-skill', TRIP, ...steps)).toMatchObject({ code: 0 });
    expect((await run('test', TRIP)).stdout).toMatch(/^test_passed: travel\/plan_trip$/m);
    expect(await run('activate-skill', TRIP, '--approval', 'approved')).toMatchObject({
      code: 0,
      stdout: `activation_success: ${TRIP}\n`,
    });
  });
});
