/** What runs did, read from their histories: traces, what --debug and its like show, and differences. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../core/json.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';
import { startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const SKILLS = {
  'see/a': { code: "export const run = (text: string) => text + 'a';", manifest: 'rollback: see/undo\n' },
  'see/undo': { code: "export const run = () => 'undone';" },
  'see/flaky': {
    code: "export function run(text: string, ctx: { attempt: number }) { if (ctx.attempt < 3) throw new Error('again'); return text + 'f'; }",
    manifest: 'side_effects: read\nretry: { initial: 10ms }\n',
  },
  'see/fail': { code: "export function run(): never { throw new Error('no luck'); }" },
  'see/large': { code: "export const run = () => 'x'.repeat(50_000);" },
  'see/slow': {
    code: `
import { existsSync } from 'node:fs';
export async function run(file: string, ctx: { heartbeat(progress: unknown): void }) {
  ctx.heartbeat(0.5);
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return 'done';
}`,
  },
};

let deployment: Deployment;
let worker: SkillosProcess;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS), { SKILLOS_CIRCUIT_FAILURE_THRESHOLD: '1000' });
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

const call = (...argv: readonly string[]) => runCli(argv, { env: deployment.env });
const json = async (...argv: readonly string[]) =>
  JSON.parse((await call(...argv, '--json')).stdout) as JsonObject & { readonly run_id: string };
const pipeline = (steps: string, ...options: readonly string[]) =>
  json(
    'pipeline',
    'run',
    ...steps.split(' ').flatMap((step) => ['--step', step]),
    '--payload',
    'x',
    ...options,
  );

describe('runs trace', () => {
  test('tells of groups, attempts, values and times', async () => {
    const { run_id: runId } = await pipeline('see/a|see/flaky see/large see/a');
    const trace = await json('runs', 'trace', runId);
    expect(trace).toMatchObject({
      schema: 'skillos.trace/v1',
      status: 'success',
      payload: 'x',
      tree: { kind: 'sequence', children: [{ kind: 'parallel' }, { step: 3 }, { step: 4 }] },
      steps: [
        {
          id: 1,
          input: 'x',
          output: 'xa',
          attempts: 1,
          queue_ms: expect.any(Number),
          run_ms: expect.any(Number),
        },
        { id: 2, output: 'xf', attempts: 3, last_failure: { code: 'skill_failed' } },
        { id: 3, input: ['xa', 'xf'], output: { bytes: 50_002 } },
        { id: 4, input: { bytes: 50_002 } },
      ],
    });
    const { stdout } = await call('runs', 'trace', runId);
    expect(stdout).toMatch(/^┌ at once\n│ 1 see\/a success \(/m);
    expect(stdout).toContain('│     retried: skill_failed: again');
  });

  test('tells of what was undone, of pauses and of orders', async () => {
    const { run_id: runId } = await pipeline('see/a see/fail', '--step-through');
    await call('debug', runId, 'edit', '--input', '"mine"');
    await call('debug', runId, 'continue');
    expect(await json('runs', 'trace', runId)).toMatchObject({
      status: 'error',
      steps: [{ input: 'mine' }, { status: 'error', error: { code: 'skill_failed' } }],
      rollback: [{ id: 1, skill: 'see/undo', input: 'minea', output: 'undone' }],
      pauses: [{ step: 1, ended_by: 'continue', edited: 'mine' }],
    });
  });

  test('tells of a running step what Temporal knows', async () => {
    const file = join(deployment.root, 'open');
    const { stdout } = await call('run-skill', 'see/slow', '--payload', file, '--detach');
    const runId = stdout.trim();
    await eventually(async () =>
      expect(await json('runs', 'trace', runId)).toMatchObject({
        status: 'running',
        steps: [{ status: 'running', attempts: 1, progress: 0.5 }],
      }),
    );
    writeFileSync(file, '');
    await call('runs', 'watch', runId);
  });

  test('writes a file for Perfetto', async () => {
    const { run_id: runId } = await pipeline('see/a see/a');
    const file = join(deployment.root, 'trace.json');
    const { code, stderr } = await call('runs', 'trace', runId, '--output', file);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`trace_written: ${file}`)]);
    const { traceEvents: events } = JSON.parse(readFileSync(file, 'utf8')) as {
      traceEvents: readonly JsonObject[];
    };
    expect(events.filter(({ cat }) => cat === 'step').map(({ name, ph }) => [name, ph])).toEqual([
      ['step 1 see/a', 'X'],
      ['step 2 see/a', 'X'],
    ]);
    const failed = await call(
      'runs',
      'trace',
      runId,
      '--output',
      join(deployment.root, 'none', 'x', 'trace.json'),
    );
    expect(failed.code).toBe(2);
  });
});

describe('--debug, --profile and --trace', () => {
  test('show what was executed, beside the result', async () => {
    const { stdout, stderr } = await call('run-skill', 'see/a', '--payload', 'x', '--debug', '--profile');
    expect(stdout).toBe('xa\n');
    expect(stderr).toMatch(
      /trace:\n.*success \(.*\)\n1 see\/a success \(.*\)\n {4}inputs: {2}"x"\n {4}outputs: "xa"\n/,
    );
    const plain = await call('run-skill', 'see/a', '--payload', 'x', '--trace');
    expect(plain.stderr).toMatch(/trace:\n.*success\n1 see\/a success\n$/);
    expect(await json('run-skill', 'see/a', '--trace')).toMatchObject({
      trace: { schema: 'skillos.trace/v1' },
    });
  });

  test('show without --execute what would be decided', async () => {
    const argv = ['run', 'see large', '--skill', 'see/large'];
    const { code, stdout, stderr } = await call(...argv, '--debug', '--profile', '--trace');
    expect([code, stdout]).toEqual([0, 'see/large\n']);
    const stages = stderr.split('\n').flatMap((line) => /^- (\w+) \(\d+\.\d\dms\)$/.exec(line)?.[1] ?? []);
    expect(stages).toEqual(['route', 'plan', 'identity', 'permission', 'approval', 'circuit', 'budget']);
    expect(stderr).toContain('  outputs: {"verdict":"allow"}');
    expect((await call(...argv, '--step-through')).code).toBe(0);
    expect((await json('run', 'see', '--skill', 'see/large', '--trace'))['trace']).toHaveLength(7);
  });
});

describe('runs diff', () => {
  test('tells what differs', async () => {
    const first = await pipeline('see/a see/large');
    const again = await json('runs', 'rerun', first.run_id);
    const other = await json('runs', 'rerun', first.run_id, '--payload', 'y');
    expect((await json('runs', 'diff', first.run_id, again.run_id))['changes']).toEqual([]);
    expect(await json('runs', 'diff', first.run_id, other.run_id)).toMatchObject({
      schema: 'skillos.run_diff/v1',
      changes: [
        { path: 'request.payload', before: 'x', after: 'y' },
        { path: 'steps.1.input', before: 'x', after: 'y' },
        { path: 'steps.1.output', before: 'xa', after: 'ya' },
        { path: 'steps.2.input', before: 'xa', after: 'ya' },
      ],
    });
    const { stdout } = await call('runs', 'diff', first.run_id, other.run_id);
    expect(stdout).toMatch(/^request\.payload: "x" → "y"\n[^]*\ntiming\n {2}run: /);
  });
});
