/** Going back: what is undone after a failure or a cancellation, and runs that repeat others from a step on. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '../../core/json.ts';
import { openDeployment, rootWith, writeSkill } from '../support/deployment.ts';
import type { Deployment, SkillFiles } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';
import { startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const folder = tempFolder();
/** What skills did, in order: one log a payload, which is the first word of what they get. */
const noting = (word: string, then: string) => `
import { appendFileSync, existsSync } from 'node:fs';
const folder = ${JSON.stringify(folder)};
export async function run(input: string, ctx: { attempt: number; idempotencyKey: string }) {
  const log = folder + '/' + String(input).split(' ')[0];
  appendFileSync(log, '${word} ');
  ${then}
}`;

const doing = (name: string, then = `return input + ' ${name}';`): SkillFiles => ({
  code: noting(name, then),
  manifest: `rollback: undo/${name}\n`,
});
const undoing = (name: string, then = ''): SkillFiles => ({ code: noting(`-${name}`, then) });

const FAIL = "throw new Error('no luck');";

const SKILLS: Readonly<Record<string, SkillFiles>> = {
  'do/a': doing('a'),
  'undo/a': undoing('a', "appendFileSync(log, '[' + input + '] ');"),
  'do/b': doing('b'),
  'undo/b': undoing('b'),
  'do/c': doing('c'),
  'undo/c': undoing('c', FAIL),
  'do/keep': { code: noting('keep', "return input + ' keep';") },
  'do/fail': { code: noting('fail', FAIL) },
  'do/mend': {
    code: noting('mend', `if (!existsSync(folder + '/mended')) ${FAIL} return input + ' mended';`),
  },
  'do/flaky': {
    ...doing('flaky', "if (ctx.attempt < 3) throw new Error('again'); return input + ' flaky';"),
    manifest: 'rollback: undo/flaky\nretry: { max_attempts: 3, initial: 10ms }\n',
  },
  'undo/flaky': {
    ...undoing('flaky', "if (ctx.attempt < 2) throw new Error('again');"),
    manifest: 'retry: { max_attempts: 2, initial: 10ms }\n',
  },
  'do/slow': doing('slow'),
  'undo/slow': {
    ...undoing(
      'slow',
      "appendFileSync(log, ctx.attempt + ' '); if (ctx.attempt === 1) await new Promise(() => setTimeout(() => {}, 60_000));",
    ),
    manifest: 'idempotent: true\n',
  },
  'do/once': doing('once'),
  'undo/once': undoing('once', 'await new Promise(() => setTimeout(() => {}, 60_000));'),
  'do/gate': {
    code: noting('gate', "while (!existsSync(log + '.open')) await new Promise((go) => setTimeout(go, 20));"),
  },
  'do/wipe': { code: noting('wipe', "return 'wiped';"), manifest: 'side_effects: destructive\n' },
  'do/large': { code: noting('large', "return input + ' ' + 'x'.repeat(50_000);") },
  'do/middling': { code: "export const run = () => 'x'.repeat(15_000);" },
  'gone/first': { code: noting('gone', "return input + ' gone';"), manifest: 'rollback: gone/undo\n' },
  'gone/undo': { code: noting('-gone', '') },
  'gone/broken': { code: noting('broken', "return input + ' broken';") },
  'do/length': { code: noting('length', 'return String(input).length;') },
};

interface RunDocument {
  readonly run_id: string;
  readonly status: string;
  readonly reason?: string;
  readonly result?: JsonValue;
  readonly rollback?: readonly { readonly step: number; readonly skill: string; readonly status: string }[];
  readonly origin?: { readonly run_id: string; readonly from: number };
  readonly taken_over?: JsonValue;
  readonly steps: readonly {
    readonly id: number;
    readonly skill: string;
    readonly hash: string;
    readonly status: string;
  }[];
  readonly code?: string;
}

let deployment: Deployment;
let worker: SkillosProcess;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS), {
    SKILLOS_CIRCUIT_FAILURE_THRESHOLD: '1000', // skills fail here on purpose
  });
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

const call = (...argv: readonly string[]) => runCli(argv, { env: deployment.env });

async function json(...argv: readonly string[]): Promise<RunDocument & { readonly exit: number }> {
  const { code, stdout } = await call(...argv, '--json');
  return { ...(JSON.parse(stdout) as RunDocument), exit: code };
}

let logs = 0;
const newLog = () => `log${logs++}`;
const did = (log: string) =>
  existsSync(join(folder, log)) ? readFileSync(join(folder, log), 'utf8').trim() : '';

/** `a b|c` are two steps, the second a group. */
function pipeline(steps: string, log: string, ...options: readonly string[]) {
  const each = steps.split(' ').flatMap((step) => [
    '--step',
    step
      .split('|')
      .map((name) => `do/${name}`)
      .join('|'),
  ]);
  return json('pipeline', 'run', ...each, '--payload', log, ...options);
}

/** Cancelled while its gate is closed. */
async function cancelled(steps: string, log: string, ...options: readonly string[]): Promise<RunDocument> {
  const { run_id: runId } = await pipeline(steps, log, '--detach');
  await eventually(() => expect(did(log)).toContain('gate'));
  expect(await call('runs', 'cancel', runId, ...options)).toMatchObject({ code: 0 });
  return json('runs', 'watch', runId);
}

describe('a run that fails', () => {
  test.each([
    ['undoes what was done, in reverse', 'a b fail', [], 'a b fail -b -a [LOG a]', '-b -a'],
    ['leaves what has no rollback', 'a keep fail', [], 'a keep fail -a [LOG a]', '-a'],
    ['undoes nothing with --no-rollback', 'a b fail', ['--no-rollback'], 'a b fail', ''],
    ['undoes nothing where the first step fails', 'fail a', [], 'fail', ''],
    ['goes on undoing when one fails', 'a c b fail', [], 'a c b fail -b -c -a [LOG a]', '-b !c -a'],
    [
      'undoes once what took several attempts, with attempts of its own',
      'flaky a fail',
      [],
      'flaky flaky flaky a fail -a [LOG flaky a] -flaky -flaky',
      '-a -flaky',
    ],
    [
      'undoes the first step of two that are the same',
      'a a fail',
      [],
      'a a fail -a [LOG a a] -a [LOG a]',
      '-a -a',
    ],
  ])('%s', async (_, steps, options, expected, undone) => {
    const log = newLog();
    const run = await pipeline(steps, log, ...options);
    expect(run).toMatchObject({ exit: 1, status: 'error', reason: 'skill_failed' });
    expect(did(log)).toBe(expected.replaceAll('LOG', log));
    const named = (run.rollback ?? []).map(
      ({ skill, status }) => `${status === 'success' ? '-' : '!'}${skill.replace('undo/', '')}`,
    );
    expect(named.join(' ')).toBe(undone);
  });

  test('names in `runs show` what was undone, and what was not', async () => {
    const { run_id: runId } = await pipeline('a c fail', newLog());
    const { stdout } = await call('runs', 'show', runId);
    expect(stdout).toMatch(/^rollback\n {2}2 undo\/c error: no luck .*\n {2}1 undo\/a success$/m);
  });

  test('undoes the members of a group that succeeded', async () => {
    const log = newLog();
    const run = await pipeline('keep a|b|fail', log);
    expect(run.status).toBe('error');
    const done = run.steps.flatMap(({ id, skill, status }) =>
      status === 'success' && skill !== 'do/keep'
        ? [{ step: id, skill: skill.replace('do/', 'undo/'), status }]
        : [],
    );
    expect(run.rollback ?? []).toHaveLength(done.length);
    expect(run.rollback ?? []).toEqual(expect.arrayContaining(done));
  });

  test('undoes each step once although the worker is killed in between', async () => {
    const log = newLog();
    const { run_id: runId } = await pipeline('a slow b fail', log, '--detach');
    await eventually(() => expect(did(log)).toContain('-slow'));
    worker.signal('SIGKILL');
    await worker.ended;
    worker = await startWorkerProcess(deployment.env);
    const run = await json('runs', 'watch', runId);
    expect(run).toMatchObject({ status: 'error', reason: 'skill_failed' });
    expect(did(log)).toBe(`a slow b fail -b -slow 1 -slow 2 -a [${log} a]`);
    expect(run.rollback?.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
  });
});

test('names what stayed undone where nobody can say whether it was, and goes on', async () => {
  const log = newLog();
  const { run_id: runId } = await pipeline('a once fail', log, '--detach');
  await eventually(() => expect(did(log)).toContain('-once'));
  worker.signal('SIGKILL');
  await worker.ended;
  worker = await startWorkerProcess(deployment.env);
  const run = await json('runs', 'watch', runId);
  expect(run.rollback).toEqual([
    expect.objectContaining({
      step: 2,
      status: 'error',
      error: expect.objectContaining({ code: 'outcome_unknown' }),
    }),
    { step: 1, skill: 'undo/a', status: 'success' },
  ]);
  expect(did(log)).toBe(`a once fail -once -a [${log} a]`);
});

describe('a run that is cancelled', () => {
  test('leaves what was done', async () => {
    const log = newLog();
    const run = await cancelled('a b gate', log);
    expect([run.status, run.rollback, did(log)]).toEqual(['cancelled', undefined, 'a b gate']);
  });

  test('undoes it with --rollback', async () => {
    const log = newLog();
    const run = await cancelled('a c gate', log, '--rollback');
    expect(run).toMatchObject({
      status: 'cancelled',
      rollback: [
        { step: 2, skill: 'undo/c', status: 'error' },
        { step: 1, skill: 'undo/a', status: 'success' },
      ],
    });
    expect(did(log)).toBe(`a c gate -c -a [${log} a]`);
  });
});

describe('runs rerun', () => {
  test('repeats a run that succeeded, all of it or from a step on', async () => {
    const log = newLog();
    const first = await pipeline('a b keep', log);
    const whole = await json('runs', 'rerun', first.run_id);
    expect(whole).toMatchObject({
      exit: 0,
      result: `${log} a b keep`,
      origin: { run_id: first.run_id, from: 1 },
    });
    const part = await json('runs', 'rerun', first.run_id, '--from', 'do/b');
    expect(part).toMatchObject({
      result: `${log} a b keep`,
      origin: { run_id: first.run_id, from: 2 },
      taken_over: [{ step: 1, skill: 'do/a', from: 'recorded', undone: false }],
    });
    expect(did(log)).toBe('a b keep a b keep b keep');
  });

  test('repeats a fork, with what it had taken over', async () => {
    const log = newLog();
    const first = await pipeline('a b keep', log);
    const second = await json('runs', 'rerun', first.run_id, '--from', '2', '--set', '1="mine"');
    const third = await json('runs', 'rerun', second.run_id, '--from', '3');
    expect([second.result, third.result]).toEqual(['mine b keep', 'mine b keep']);
  });

  test('goes on after the step that failed, and after one that it is told about', async () => {
    const log = newLog();
    const failed = await pipeline('keep mend keep', log);
    expect(failed.status).toBe('error');
    const early = await json('runs', 'rerun', failed.run_id, '--from', '3');
    expect(early).toMatchObject({ exit: 1, code: 'step_not_run' });
    const told = await json('runs', 'rerun', failed.run_id, '--from', '3', '--set', '2={"by":"hand"}');
    expect(told).toMatchObject({ status: 'success', result: '{"by":"hand"} keep' });
    writeFileSync(join(folder, 'mended'), '');
    const mended = await json('runs', 'rerun', failed.run_id, '--from', '2');
    expect(mended).toMatchObject({ status: 'success', result: `${log} keep mended keep` });
    expect(did(log)).toBe('keep mend mend keep');
  });

  test('warns where it takes over what was undone', async () => {
    const failed = await pipeline('a fail', newLog());
    const { stderr } = await call('runs', 'rerun', failed.run_id, '--from', '2');
    expect(stderr).toContain('warning: the run has rolled back step 1, whose output is reused');
  });

  test('repeats a cancelled run, with the members of a group that had ended', async () => {
    const log = newLog();
    const stopped = await cancelled('a|keep|gate b', log);
    expect(stopped.status).toBe('cancelled');
    writeFileSync(join(folder, `${log}.open`), '');
    const run = await json('runs', 'rerun', stopped.run_id, '--from', '3');
    expect(run).toMatchObject({ status: 'success', origin: { from: 3 } });
    expect(
      did(log)
        .split(' ')
        .filter((word) => word === 'gate'),
    ).toHaveLength(2);
    expect(
      did(log)
        .split(' ')
        .filter((word) => word === 'a'),
    ).toHaveLength(1);
  });

  test('takes over the input of a step that was skipped', async () => {
    const log = newLog();
    const { run_id: runId } = await pipeline('a b keep', log, '--step-through');
    for (const order of ['next', 'skip', 'continue']) await call('debug', runId, order);
    const run = await json('runs', 'rerun', runId, '--from', '3');
    expect(run.result).toBe(`${log} a keep`);
  });

  test('refuses to take over more than Temporal takes', async () => {
    const log = newLog();
    const steps = Array.from({ length: 80 }, () => 'middling').join(' ');
    const { run_id: runId } = await pipeline(steps, log);
    const early = await json('runs', 'rerun', runId, '--from', '80');
    expect(early).toMatchObject({ exit: 2, code: 'payload_too_large' });
    expect(await json('runs', 'rerun', runId, '--from', '40')).toMatchObject({ status: 'success' });
  });

  test('takes over what travelled by reference', async () => {
    const log = newLog();
    const first = await pipeline('large length', log);
    const again = await json('runs', 'rerun', first.run_id, '--from', '2');
    expect([again.result, did(log)]).toEqual([first.result, 'large length length']);
  });

  test('takes the code that the run had, or with --latest that of today', async () => {
    writeSkill(deployment.root, 'do/edited', { code: "export const run = () => 'old';" });
    const first = await json('run-skill', 'do/edited');
    writeSkill(deployment.root, 'do/edited', { code: "export const run = () => 'new';" });
    const same = await json('runs', 'rerun', first.run_id);
    const latest = await json('runs', 'rerun', first.run_id, '--latest');
    expect([first.result, same.result, latest.result]).toEqual(['old', 'old', 'new']);
    expect(same.steps[0]?.hash).toBe(first.steps[0]?.hash);
  });

  test('repeats a run whose skills are deleted or broken since', async () => {
    const steps = ['gone/first', 'gone/broken', 'do/fail'].flatMap((step) => ['--step', step]);
    const log = newLog();
    const first = await json('pipeline', 'run', ...steps, '--payload', log, '--no-rollback');
    expect(first).toMatchObject({ status: 'error', reason: 'skill_failed' });
    for (const file of ['implementations/gone', 'metadata/gone/first.yaml', 'metadata/gone/undo.yaml'])
      rmSync(join(deployment.root, file), { recursive: true });
    writeFileSync(join(deployment.root, 'metadata/gone/broken.yaml'), 'id: [');

    const again = await json('runs', 'rerun', first.run_id);
    expect(again).toMatchObject({ status: 'error', reason: 'skill_failed', steps: [{}, {}, {}] });
    expect(again.steps.map(({ hash }) => hash)).toEqual(first.steps.map(({ hash }) => hash));
    const latest = await json('runs', 'rerun', first.run_id, '--latest');
    expect(latest).toMatchObject({ code: 'unknown_skill', exit: 2 });

    const policies = [{ skill_id: 'gone/*', required_permissions: ['gone:run'] }];
    writeFiles(deployment.root, { 'policies/permission_policies.json': JSON.stringify({ policies }) });
    const denied = await json('runs', 'rerun', first.run_id);
    rmSync(join(deployment.root, 'policies'), { recursive: true });
    expect(denied).toMatchObject({ status: 'blocked', reason: 'permission_denied' });
  });

  test('inherits no approval', async () => {
    const log = newLog();
    const first = await pipeline('keep wipe', log, '--approval', 'approved');
    expect(first.result).toBe('wiped');
    const again = await json('runs', 'rerun', first.run_id, '--from', '2');
    expect(again).toMatchObject({ exit: 4, status: 'awaiting_approval' });
    expect(did(log)).toBe('keep wipe');
    await call('runs', 'cancel', again.run_id);
  });

  test('shows with --dry-run what would happen', async () => {
    const log = newLog();
    const first = await pipeline('a b', log);
    const { code, stdout, stderr } = await call('runs', 'rerun', first.run_id, '--from', '2', '--dry-run');
    expect([code, did(log)]).toEqual([0, 'a b']);
    expect(stderr).toContain('step 1 do/a: recorded');
    expect(stdout).toContain('do/b');
  });

  test.each([
    [['--from', '9'], 2, 'unknown_step'],
    [['--from', 'do/x'], 2, 'unknown_step'],
    [['--set', '9=1'], 2, 'unknown_step'],
    [['--set', '1={bad'], 2, 'usage'],
    [['--set', '1'], 2, 'usage'],
    [['--status', 'error'], 2, 'usage'],
  ])('refuses %j', async (options, exit, code) => {
    const { run_id: runId } = await pipeline('a b', newLog());
    expect(await json('runs', 'rerun', runId, ...options)).toMatchObject({ exit, code });
  });

  test('refuses a run that goes on, and one that is none', async () => {
    const log = newLog();
    const { run_id: runId } = await pipeline('gate', log, '--detach');
    await eventually(() => expect(did(log)).toContain('gate'));
    expect(await json('runs', 'rerun', runId)).toMatchObject({ exit: 1, code: 'run_not_finished' });
    await call('runs', 'cancel', runId);
    const none = await json('runs', 'rerun', 'do.a-01KAP3M2Q4V8Z0W6T5R7Y9X1BC');
    expect(none).toMatchObject({ exit: 2, code: 'unknown_run' });
  });
});

describe('many runs at once', () => {
  interface Reruns {
    readonly found: number;
    readonly items: readonly { run_id: string; rerun_id?: string; status?: string }[];
    readonly code?: string;
  }
  const many = async (...options: readonly string[]) => {
    const argv = ['runs', 'rerun', '--status', 'error', '--since', '1h', ...options, '--json'];
    const { code, stdout } = await call(...argv);
    return { exit: code, ...(JSON.parse(stdout) as Reruns) };
  };

  test('are repeated, with a canary first, and only once', async () => {
    const skill = 'bulk/mend';
    const code = `
import { existsSync } from 'node:fs';
export function run() { if (!existsSync(${JSON.stringify(join(folder, 'bulk'))})) ${FAIL} return 'well'; }`;
    writeSkill(deployment.root, skill, { code });
    const failed = await Promise.all([1, 2, 3].map(() => json('run-skill', skill)));
    const ids = failed.map(({ run_id: id }) => id).toSorted();

    expect(await many('--skill', skill)).toMatchObject({ exit: 2, code: 'usage' });
    const looked = await many('--skill', skill, '--dry-run');
    expect(looked).toMatchObject({ exit: 0, found: 3 });
    expect(looked.items.map(({ run_id: id }) => id).toSorted()).toEqual(ids);

    const stopped = await many('--skill', skill, '--canary', '1', '--yes');
    expect(stopped).toMatchObject({ exit: 1, found: 3, items: [{ status: 'error' }] });

    writeFileSync(join(folder, 'bulk'), '');
    // The canary that failed is a failed run as well.
    const done = await many('--skill', skill, '--canary', '1', '--yes');
    expect(done).toMatchObject({ exit: 0, found: 4 });
    expect(done.items).toHaveLength(4);
    for (const { rerun_id: id } of done.items) {
      expect(await json('runs', 'watch', id ?? '')).toMatchObject({ status: 'success', result: 'well' });
    }
    expect(await many('--skill', skill, '--yes')).toMatchObject({ exit: 0, found: 0, items: [] });
  });
});
