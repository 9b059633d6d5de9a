/** Runs as people look after them: listed, shown, watched, cancelled, and waiting where nobody serves. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadAddress } from '../support/dead-address.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { until } from '../support/eventually.ts';
import { skillos, startSkillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const SKILLS = {
  'list/good': { code: 'export const run = () => 1;' },
  'list/bad': { code: "export function run(): never { throw new Error('no luck'); }" },
  'test/echo': { code: 'export const run = (payload: string) => `echo ${payload}`;' },
  'test/fail': { code: "export function run(): never { throw new Error('no luck'); }" },
  'test/talk': {
    code: `
export async function run(_: string, ctx: { log(message: string, fields?: object): void }) {
  console.log('first');
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.error('second');
  await new Promise((resolve) => setTimeout(resolve, 50));
  ctx.log('third', { rows: 3 });
  return 'said';
}`,
  },
  /** Ends once the file that its payload names is there. */
  'test/gate': {
    code: `
import { existsSync } from 'node:fs';
export async function run(file: string) {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return 'open';
}`,
  },
  /** Says in the file that its payload names how it was stopped. */
  'test/told': {
    code: `
import { writeFileSync } from 'node:fs';
export const run = (file: string, ctx: { signal: AbortSignal }) => new Promise((_, reject) => {
  writeFileSync(file + '.begun', '');
  ctx.signal.addEventListener('abort', () => { writeFileSync(file, 'told'); reject(new Error('stopped')); });
});`,
  },
};

interface Listed {
  readonly items: readonly { readonly run_id: string; readonly status: string; readonly skill: string }[];
  readonly next?: string;
}

let deployment: Deployment;
let worker: SkillosProcess;
/** Has no worker. */
let alone: Deployment;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS));
  alone = await openDeployment(rootWith(SKILLS));
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await Promise.all([deployment.close(), alone.close()]);
});

const call = (...argv: readonly string[]) => skillos(argv, { env: deployment.env });

async function json<T>(...argv: readonly string[]): Promise<T> {
  return JSON.parse((await call(...argv, '--json')).stdout) as T;
}

async function start(skill: string, payload = 'ok'): Promise<string> {
  const { stdout } = await call('run-skill', skill, '--payload', payload, '--detach');
  return stdout.trim();
}

describe('runs list', () => {
  test.concurrent('filters, and goes on after a page', async () => {
    const skills = ['list/good', 'list/bad', 'list/good', 'list/good'];
    await Promise.all(skills.map((skill) => call('run-skill', skill)));
    const [first, failed, text, none] = await Promise.all([
      json<Listed>('runs', 'list', '--skill', 'list.good', '--limit', '2'),
      json<Listed>(
        'runs',
        'list',
        '--status',
        'error',
        '--status',
        'cancelled',
        '--since',
        '1h',
        '--skill',
        'list/bad',
      ),
      call('runs', 'list', '--limit', '1'),
      call('runs', 'list', '--since', '2999-01-01'),
    ]);
    expect(first.items.map(({ status, skill }) => [status, skill])).toEqual([
      ['success', 'list/good'],
      ['success', 'list/good'],
    ]);
    expect(failed.items).toEqual([
      expect.objectContaining({ status: 'error', skill: 'list/bad', reason: 'skill_failed' }),
    ]);
    expect(text.stdout.split('\n')[0]).toMatch(/^RUN +STATUS +REASON +TOOK +BY +REQUESTED +SKILL$/);
    expect(text.stderr).toMatch(/^more: skillos runs list --after (list|test)\.\w+-/);
    expect(none).toMatchObject({ code: 0, stdout: 'no_runs\n' });

    const rest = await json<Listed>('runs', 'list', '--skill', 'list/good', '--after', first.next ?? '');
    expect(rest.next).toBeUndefined();
    const ids = [...first.items, ...rest.items].map(({ run_id: id }) => id);
    expect([ids.length, new Set(ids).size, [...ids].sort().reverse()]).toEqual([3, 3, ids]);
  });

  test.concurrent.each([
    ['--limit', '0'],
    ['--status', 'done'],
    ['--since', 'yesterday'],
    ['--skill', 'echo'],
  ])('refuses %s %s', async (option, value) => {
    const { code, stdout, stderr } = await call('runs', 'list', option, value);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`"${value}"`);
  });
});

describe('runs show', () => {
  test.concurrent('tells how a run ended; without a server from its record alone', async () => {
    const runId = await start('test/echo', 'hello');
    await call('runs', 'watch', runId);
    const dead = { ...deployment.env, TEMPORAL_ADDRESS: await deadAddress() };
    const [text, document, alone, aloneDocument] = await Promise.all([
      call('runs', 'show', runId),
      json<object>('runs', 'show', runId),
      skillos(['runs', 'show', runId], { env: dead }),
      skillos(['runs', 'show', runId, '--json'], { env: dead }),
    ]);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(
      /^run +test\.echo-\S+\nskill +test\/echo\nstatus +success\n[^]*steps\n {2}1 test\/echo success\noutput\necho hello\n$/,
    );
    expect(document).toMatchObject({
      schema: 'skillos.run/v1',
      run_id: runId,
      status: 'success',
      result: 'echo hello',
      steps: [{ id: 1, status: 'success', attempts: 1, output: 'echo hello' }],
    });
    expect([alone.code, alone.stdout]).toEqual([0, text.stdout]);
    expect(alone.stderr).toMatch(/^without history: Temporal does not answer at "127\.0\.0\.1:\d+"\n$/);
    const { steps, ...rest } = JSON.parse(aloneDocument.stdout) as { steps: unknown };
    expect(steps).toEqual([{ id: 1, skill: 'test/echo', hash: expect.any(String), status: 'success' }]);
    expect(rest).toMatchObject({ run_id: runId, status: 'success', result: 'echo hello' });
  });
});

describe('runs watch', () => {
  test.concurrent(
    'follows from another process while the run goes on, and ends with its exit code',
    async () => {
      const gate = join(deployment.root, 'gate');
      const runId = await start('test/gate', gate);
      const watching = [1, 2].map(() => startSkillos(['runs', 'watch', runId], { env: deployment.env }));
      await until(async () => (await json<{ status: string }>('runs', 'show', runId)).status === 'running');
      const gaveUp = await call('runs', 'watch', runId, '--timeout', '300ms');
      expect([gaveUp.code, gaveUp.stdout]).toEqual([5, '']);
      writeFileSync(gate, '');
      for (const watched of await Promise.all(watching.map(({ ended }) => ended))) {
        expect([watched.code, watched.stdout]).toEqual([0, 'open\n']);
        expect(watched.stderr).toMatch(/^✓ step 1 test\/gate \S+\n$/);
      }
      const failed = await start('test/fail');
      expect(await call('runs', 'watch', failed)).toMatchObject({ code: 1, stdout: 'error: skill_failed\n' });
    },
  );

  test.concurrent('has nothing to say while nothing happens, however often the server answers', async () => {
    const gate = join(deployment.root, 'often');
    const run = startSkillos(['run-skill', 'test/gate', '--payload', gate], { env: deployment.env });
    const [, runId = ''] = await run.until('stderr', /^run: (\S+)$/m);
    const handle = deployment.temporal.client.workflow.getHandle(runId);
    for (let signal = 1; signal <= 40; signal++) {
      await handle.signal('unheard');
      await handle.query('__temporal_workflow_metadata'); // answered once the signal has been worked off
    }
    writeFileSync(gate, '');
    expect((await run.ended).stderr).toMatch(/^run: \S+\n✓ step 1 test\/gate \S+\n$/);
  });

  test.concurrent('tells how a run ended whose history Temporal does not have', async () => {
    const runId = await start('test/echo', 'hello');
    await call('runs', 'watch', runId);
    const elsewhere = { ...deployment.env, TEMPORAL_NAMESPACE: 'temporal-system' };
    const watched = await skillos(['runs', 'watch', runId], { env: elsewhere });
    expect([watched.code, watched.stdout, watched.stderr]).toEqual([0, 'echo hello\n', '']);
  });
});

describe('runs logs', () => {
  test.concurrent('prints what a skill wrote, in order', async () => {
    const { run_id: runId } = await json<{ run_id: string }>('run-skill', 'test/talk');
    const [{ stdout }, { items }] = await Promise.all([
      call('runs', 'logs', runId),
      json<{ items: readonly object[] }>('runs', 'logs', runId),
    ]);
    const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
    expect(stdout).toMatch(
      new RegExp(
        `^${time} 1\\.1 stdout first\n${time} 1\\.1 stderr second\n${time} 1\\.1 log {4}third \\{"rows":3\\}\n$`,
      ),
    );
    expect(items).toMatchObject([
      { step: 1, attempt: 1, stream: 'stdout', message: 'first' },
      { step: 1, attempt: 1, stream: 'stderr', message: 'second' },
      { step: 1, attempt: 1, stream: 'log', message: 'third', fields: { rows: 3 } },
    ]);
  });
});

describe('runs cancel', () => {
  test.concurrent('tells the skill, ends the run cancelled, and closes the workflow as such', async () => {
    const file = join(deployment.root, 'cancel');
    const runId = await start('test/told', file);
    await until(() => existsSync(`${file}.begun`));
    expect(await call('runs', 'cancel', runId)).toMatchObject({
      code: 0,
      stdout: `cancel_requested: ${runId}\n`,
      stderr: '',
    });
    const watched = await call('runs', 'watch', runId);
    expect([watched.code, watched.stdout]).toEqual([1, 'cancelled: run_cancelled\n']);
    expect(existsSync(file)).toBe(true);
    const { status } = await deployment.temporal.client.workflow.getHandle(runId).describe();
    expect(status.name).toBe('CANCELLED');

    const again = await call('runs', 'cancel', runId, '--json');
    expect([again.code, again.stderr]).toEqual([1, '']);
    expect(JSON.parse(again.stdout)).toMatchObject({ schema: 'skillos.error/v1', code: 'run_finished' });
  });
});

describe('a run that is not there', () => {
  const ABSENT = 'test.echo-01ARZ3NDEKTSV4RRFFQ69G5FAV';

  test.concurrent.each([
    ...['show', 'watch', 'logs', 'cancel'].map((verb) => [verb, ABSENT] as const),
    ['show', '../../../etc/passwd'],
    ['watch', 'a\u001b[31mb\n'],
    ['logs', '../../runtime/records/runs/x'],
    ['cancel', 'x'.repeat(5000)],
  ] as const)('runs %s %j is unknown', async (verb, id) => {
    const { code, stdout, stderr } = await call('runs', verb, id);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Error: Unknown run ".{1,220}" \(unknown_run\)\nhint: skillos runs list\n$/);
    expect(stderr).not.toContain('\u001b');
  });
});

describe('without a worker', () => {
  test.concurrent('a run waits, is said to wait, and runs when a worker comes', async () => {
    const options = { env: alone.env };
    const [waiting, detached] = await Promise.all([
      skillos(['run-skill', 'test/echo', '--timeout', '5s'], options),
      skillos(['run-skill', 'test/echo', '--detach', '--json'], options),
    ]);
    expect(waiting.code).toBe(5);
    expect(waiting.stderr).toMatch(/^run: \S+\nno_worker: [^]*\nstopped waiting; the run continues\n/);
    expect(detached.code).toBe(0);
    const { run_id: other, status } = JSON.parse(detached.stdout) as { run_id: string; status: string };
    expect(status).toBe('queued');
    const listed = await skillos(['runs', 'list', '--status', 'queued', '--json'], options);
    const ids = (JSON.parse(listed.stdout) as Listed).items.map(({ run_id: id }) => id);
    expect(ids.sort()).toEqual([waiting.stdout.trim(), other].sort());

    const lateWorker = await startWorkerProcess(alone.env);
    const watched = await Promise.all(ids.map((id) => skillos(['runs', 'watch', id], options)));
    expect(watched).toMatchObject(ids.map(() => ({ code: 0, stdout: 'echo ok\n' })));
    lateWorker.signal('SIGTERM');
    expect((await lateWorker.ended).code).toBe(0);
  });
});
