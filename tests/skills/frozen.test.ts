/** The sample skills as the worker runs them: bundled into one file, in a process of their own, with little environment. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { aSkillContext } from '../support/skill-context.ts';

const PROJECT = join(import.meta.dirname, '../..');
const SKILLS = [
  'admin/delete_records',
  'admin/restore_records',
  'finance/close_books',
  'travel/search_flights',
] as const;

let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'skillos-home-'));
  await build({
    entryPoints: SKILLS.map((skill) => join(PROJECT, 'skills/implementations', `${skill}.ts`)),
    outdir: join(home, 'bundles'),
    outExtension: { '.js': '.mjs' },
    outbase: join(PROJECT, 'skills/implementations'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    alias: { skillos: join(PROJECT, 'core/skill-api.ts') },
  });
});

afterAll(() => {
  rmSync(home, { recursive: true });
});

/** Runs the bundle elsewhere, with nothing but a home. */
function runFrozen(skill: (typeof SKILLS)[number], payload: object): Record<string, unknown> {
  const { idempotencyKey } = aSkillContext();
  const code = `import { run } from ${JSON.stringify(pathToFileURL(join(home, 'bundles', `${skill}.mjs`)))};
    const ctx = { idempotencyKey: ${JSON.stringify(idempotencyKey)}, log() {} };
    process.stdout.write(JSON.stringify(await run(${JSON.stringify(payload)}, ctx)));`;
  const options = { cwd: tmpdir(), env: { HOME: home }, encoding: 'utf8' } as const;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], options);
  return JSON.parse(output) as Record<string, unknown>;
}

describe('frozen sample skills', () => {
  test('carry their data with them', () => {
    expect(runFrozen('travel/search_flights', { query: 'Find flights to Sochi' })).toMatchObject({
      to: 'Sochi',
      found: 10,
    });
  });

  test('delete files below the home, and the rollback brings them back from the recorded output', () => {
    const live = join(home, '.skillos-sample/records/default/live');
    const deletion = runFrozen('admin/delete_records', { query: 'Delete records' });
    expect(readdirSync(live)).toHaveLength(5);
    expect(runFrozen('admin/restore_records', deletion)).toMatchObject({ total: 12 });
    expect(readdirSync(live)).toHaveLength(12);
  });

  test('write the closing report of the latest complete month', () => {
    const { file, ...report } = runFrozen('finance/close_books', { query: 'Close the books' });
    expect(file).toBe('closing-2026-10.json');
    expect(
      JSON.parse(readFileSync(join(home, '.skillos-sample/reports/closing-2026-10.json'), 'utf8')),
    ).toEqual(report);
  });
});
