/** `npm pack` of a used checkout holds the product and nothing that SkillOS or its user wrote beside it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { EXAMPLE_SKILL } from '../../adapters/catalog/root-template.ts';
import { packageFile } from '../../adapters/machine/package.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const CANARY = 'canary-of-the-package';

/** What commands and people leave in the sample root. */
const STATE = [
  'secrets/.env',
  'runtime/records/runs/a.json',
  'logs/execution.log',
  'attachments/r/1_a.png',
  'jobs/a.json',
  'schedules/a.json',
  'feedback/feedback.json',
  'experiments/a.json',
  'budget/usage.json',
  'coverage/a.json',
  'connectors/mine.yaml',
  'data/timesheet.sqlite',
  'tests/fixtures/ops/first/ops.first-1.json',
  'settings.env',
  '.env',
  'plan.json',
  'implementations/ops/.env',
  'metadata/ops/first.yaml.swp',
  'node_modules/x/index.js',
];

const isProject = (path: string) => !/\/(node_modules|coverage|\.git)(\/|$)/.test(path);

function pack(checkout: string): readonly string[] {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--silent'], { cwd: checkout, encoding: 'utf8' }),
  ) as [{ filename: string }];
  execFileSync('tar', ['xzf', packed.filename], { cwd: checkout });
  return execFileSync('tar', ['tzf', packed.filename], { cwd: checkout, encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));
}

test('packs the product without the state of a used checkout, and runs from an empty folder', async () => {
  const checkout = tempFolder();
  for (const name of ['package.json', 'README.md', 'LICENSE', 'dist', 'docs', 'skills'])
    cpSync(packageFile(name), join(checkout, name), { recursive: true, filter: isProject });
  for (const file of STATE) {
    const path = join(checkout, 'skills', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, CANARY);
  }
  const names = pack(checkout);

  const holds = (text: string) => (name: string) =>
    readFileSync(join(checkout, 'package', name)).includes(text);
  expect(names.filter(holds(CANARY))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(['dist/skillos.mjs', 'dist/workflows.js', 'docs/cli.md']));
  const sample = execFileSync('git', ['ls-files', 'skills'], { cwd: packageFile('.'), encoding: 'utf8' });
  expect(names).toEqual(expect.arrayContaining(sample.trim().split('\n')));

  const manifest = JSON.parse(readFileSync(join(checkout, 'package', 'package.json'), 'utf8')) as Manifest;
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
    expect(manifest.scripts).not.toHaveProperty(script);
  linkDependencies(join(checkout, 'package'), manifest);
  await tryOut(join(checkout, 'package', 'dist', 'skillos.mjs'));
}, 240_000);

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** As an install would, but for what the dependencies need: that is found beside the linked folders. */
function linkDependencies(folder: string, { dependencies }: Manifest): void {
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(packageFile(`node_modules/${name}`), link);
  }
}

/** A root of one's own in an empty folder, and a run on its own engine. */
async function tryOut(program: string): Promise<void> {
  const cwd = tempFolder();
  const env = { PATH: process.env['PATH'] ?? '', HOME: homedir(), SKILLOS_STATE_DIR: join(cwd, 'state') };
  const options = { env, cwd, program, timeoutMs: 120_000 };
  expect(await skillos(['init', 'mine'], options)).toMatchObject({ code: 0 });
  expect(await skillos(['validate', '--check-entrypoints', '--root', 'mine'], options)).toMatchObject({
    code: 0,
    stdout: 'validation_ok\n',
  });
  try {
    const run = ['run-skill', EXAMPLE_SKILL, '--payload', 'How long is this?', '--root', 'mine'];
    expect(await skillos(run, options)).toMatchObject({ code: 0 });
  } finally {
    await skillos(['dev', 'stop', '--root', 'mine'], options);
  }
}
