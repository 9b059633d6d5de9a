/** Dry runs, plan files and idempotency keys, as they are typed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPROVAL_FILE } from '../../core/approvals/approval-file.ts';
import type { JsonObject } from '../../core/json.ts';
import { openDeployment, rootWith, writeSkill } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

/** Leaves a mark for each time it runs. */
const MARK = `
import { appendFileSync } from 'node:fs';
export function run(file: string) { appendFileSync(file, 'x'); return 'marked'; }`;

const SKILLS = {
  'test/mark': {
    code: MARK,
    manifest: 'examples: [Leave a mark]\nsecrets: [MARK_KEY]\ncost: 0.5\nrollback: test/unmark\n',
  },
  'test/unmark': { code: MARK },
  'test/next': { code: 'export const run = (payload: string) => payload;', manifest: 'side_effects: none\n' },
};

let deployment: Deployment;
let marks: string;
let plan: string;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS));
  await deployment.startWorker();
});

beforeEach(() => {
  const folder = tempFolder();
  marks = join(folder, 'marks');
  plan = join(folder, 'plan.json');
});

afterAll(() => deployment.close());

const cli = (...argv: readonly string[]) => skillos(argv, { env: deployment.env });
const hasRun = () => (existsSync(marks) ? readFileSync(marks, 'utf8').length : 0);
const json = (stdout: string): JsonObject & { readonly error?: JsonObject } =>
  JSON.parse(stdout) as JsonObject;

describe('a dry run', () => {
  test('shows steps, inputs, side effects, secrets by name, rollback and cost, and does nothing', async () => {
    const { code, stdout } = await cli('run-skill', 'test/mark', '--payload', marks, '--dry-run');
    expect(code).toBe(0);
    expect(stdout.replace(marks, 'MARKS').replace(/[0-9a-f]{64}/, 'DIGEST')).toBe(
      [
        'test/mark',
        'plan_id: DIGEST',
        'affected_entities:',
        '- test/mark',
        'steps:',
        '  1 test/mark (write)',
        '    input: MARKS',
        '    secrets: MARK_KEY',
        '    rollback: test/unmark',
        'approval: not needed',
        'cost: 0.5 (standard)',
        '',
      ].join('\n'),
    );
    expect(hasRun()).toBe(0);
    expect(json((await cli('budget', '--json')).stdout)).toMatchObject({ daily: { spent: 0, reserved: 0 } });
  });

  test('needs no Temporal, and no --execute', async () => {
    const env = { ...deployment.env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { code, stdout } = await skillos(['run', 'Leave a mark', '--dry-run', '--json'], { env });
    expect([code, json(stdout)]).toEqual([
      0,
      expect.objectContaining({ status: 'dry_run', skill: 'test/mark', cost: 0.5 }),
    ]);
  });

  test('says which budget would not do', async () => {
    const env = { ...deployment.env, SKILLOS_BUDGET_PER_REQUEST: '0.1' };
    const { code, stdout } = await skillos(['run-skill', 'test/mark', '--dry-run'], { env });
    expect([code, stdout]).toEqual([6, 'blocked: budget_exceeded\n']);
  });
});

describe('a plan file', () => {
  const make = () => cli('run-skill', 'test/mark', '--payload', marks, '--dry-run', '--plan-path', plan);
  const follow = (...more: readonly string[]) =>
    cli('run-skill', 'test/mark', '--payload', marks, '--plan-path', plan, ...more);

  test('is written by a dry run and honoured by a run', async () => {
    expect((await make()).stdout).toContain(`plan_written: ${plan}`);
    expect(await follow()).toMatchObject({ code: 0, stdout: 'marked\n' });
    expect(hasRun()).toBe(1);
  });

  test.each<[string, () => void, readonly string[], string]>([
    ['another input', () => undefined, ['--payload-file', '/dev/null'], 'input'],
    ['other code', () => editCode('marked again'), [], 'skill code of test/mark'],
    ['another policy', () => writePolicy(), [], 'policy'],
    ['other options', () => undefined, ['--max-retries', '3'], 'options of the run'],
  ])('is refused for %s, naming it', async (_what, change, more, named) => {
    await make();
    change();
    const payload = more.includes('--payload-file') ? [] : ['--payload', marks];
    const argv = ['run-skill', 'test/mark', ...payload, ...more, '--plan-path', plan];
    const { code, stderr } = await cli(...argv);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`The plan has changed since it was written: ${named}`),
    ]);
    expect(hasRun()).toBe(0);
  });

  test('is bound to the query that led to it', async () => {
    const argv = (query: string) => ['run', query, '--execute', '--payload', marks, '--plan-path', plan];
    await cli(...argv('Leave a mark'), '--dry-run');
    expect(await cli(...argv('Leave a mark again'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('since it was written: query'),
    });
  });

  test('that is not there, or was edited, is a clear mistake', async () => {
    expect(await follow('--json')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('plan_not_found'),
    });
    await make();
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('"cost": 0.5', '"cost": 0'));
    expect(await follow('--json')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('plan_invalid'),
    });
    expect(hasRun()).toBe(0);
  });

  test('without --dry-run or --execute is a mistake of usage', async () => {
    expect(await cli('run', 'Leave a mark', '--plan-path', plan)).toMatchObject({ code: 2 });
  });

  function editCode(says: string): void {
    writeSkill(deployment.root, 'test/mark', {
      ...SKILLS['test/mark'],
      code: MARK.replace("'marked'", `'${says}'`),
    });
  }

  function writePolicy(): void {
    writeFiles(deployment.root, {
      [APPROVAL_FILE]: JSON.stringify({ policies: [{ skill_id: 'other/*', requires_approval: true }] }),
    });
  }
});

describe('an idempotency key', () => {
  const once = (...more: readonly string[]) =>
    cli('run-skill', 'test/mark', '--payload', marks, '--idempotency-key', marks, '--json', ...more);

  test('runs once, and answers again with the first run', async () => {
    const first = json((await once()).stdout);
    const again = json((await once()).stdout);
    expect(again).toEqual({ ...first, replayed: true });
    expect(hasRun()).toBe(1);
  });

  test('stands for one request', async () => {
    await once();
    expect(await once('--max-retries', '5')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('idempotency_key_reused'),
    });
  });

  test('of many at once has one winner', async () => {
    const runs = await Promise.all(Array.from({ length: 5 }, () => once()));
    expect(new Set(runs.map(({ stdout }) => json(stdout)['run_id'])).size).toBe(1);
    expect(runs.filter(({ stdout }) => json(stdout)['replayed'] === undefined)).toHaveLength(1);
    expect(hasRun()).toBe(1);
  });
});
