/** What a skill may do to its worker, by the real way: CLI, Temporal, worker process, skill process. */
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const HOSTILE = {
  'test/loop': ['export function run() { for (;;); }', 'skill_timeout'],
  'test/never': ['export const run = () => new Promise(() => undefined);', 'skill_failed'],
  'test/idle': [
    'export const run = () => new Promise(() => setInterval(() => undefined, 100));',
    'skill_timeout',
  ],
  'test/exit': ['export const run = () => process.exit(0);', 'skill_crashed'],
  'test/kill': ["export const run = () => process.kill(process.pid, 'SIGKILL');", 'skill_crashed'],
  'test/bomb': [
    'export function run() { const kept = []; for (;;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1)); }',
    'skill_out_of_memory',
  ],
  'test/heap': [
    "export function run() { const kept: string[][] = []; for (;;) kept.push(new Array(1e6).fill('x')); }",
    'skill_out_of_memory',
  ],
  'test/flood': ["export const run = () => 'x'.repeat(50_000_000);", 'skill_output_too_large'],
  'test/cycle': [
    'export function run() { const a: { a?: unknown } = {}; a.a = a; return a; }',
    'skill_output_invalid',
  ],
  'test/bigint': ['export const run = () => ({ n: 1n });', 'skill_output_invalid'],
  'test/throw': ['export function run() { throw null; }', 'skill_failed'],
  'test/later': [
    "export async function run() { setTimeout(() => { throw new Error('late'); }); await new Promise(() => undefined); }",
    'skill_failed',
  ],
  'test/syntax': ['export function run( {', 'code_invalid'],
  'test/import': ["import 'no-such-package';\nexport const run = () => 1;", 'code_invalid'],
} as const;

/** Payloads whose check against the schema takes minutes; the skill's own process does it, under a deadline. */
const SLOW_CHECKS = {
  'test/pattern': {
    code: 'export const run = () => 1;',
    manifest: "inputs: { type: string, pattern: '^(a+)+$' }\n",
  },
  'test/unique': {
    code: 'export const run = () => 1;',
    manifest: 'inputs: { type: array, items: { type: object }, uniqueItems: true }\n',
  },
} as const;
const SLOW_PAYLOADS: Readonly<Record<keyof typeof SLOW_CHECKS, string>> = {
  'test/pattern': `${'a'.repeat(64)}!`,
  'test/unique': JSON.stringify(Array.from({ length: 100_000 }, (_, id) => ({ id }))),
};

let deployment: Deployment;
let worker: SkillosProcess;

beforeAll(async () => {
  const hostile = Object.entries(HOSTILE).map(([id, [code, error]]) => [
    id,
    { code, manifest: `timeout: ${error === 'skill_timeout' ? '1s' : '20s'}\n` },
  ]);
  deployment = await openDeployment(
    rootWith({
      ...Object.fromEntries(hostile),
      ...SLOW_CHECKS,
      'test/good': { code: 'export const run = (payload: string) => `good ${payload}`;' },
    }),
  );
  worker = await startWorkerProcess({ ...deployment.env, SKILLOS_SKILL_MEMORY_MB: '256' });
});

afterAll(async () => {
  worker.signal('SIGTERM');
  expect(await worker.ended).toMatchObject({ code: 0, stderr: '' });
  await deployment.close();
});

test.concurrent.each(Object.entries(HOSTILE))('%s ends as its own named error', async (skill, [, code]) => {
  const ended = await skillos(['run-skill', skill, '--json'], { env: deployment.env });
  const document = JSON.parse(ended.stdout) as { error: { message: string } };
  expect(document).toMatchObject({ status: 'error', reason: code, error: { code } });
  expect(document.error.message).not.toContain(deployment.root);

  const good = await skillos(['run-skill', 'test/good', '--payload', skill], { env: deployment.env });
  expect([good.code, good.stdout]).toEqual([0, `good ${skill}\n`]);
});

test.concurrent.each(Object.entries(SLOW_PAYLOADS))(
  'a payload of %s that takes minutes to check ends its own run alone',
  async (skill, payload) => {
    const ended = await skillos(['run-skill', skill, '--stdin', '--json'], {
      env: deployment.env,
      stdin: payload,
    });
    const document = JSON.parse(ended.stdout) as { error: { message: string } };
    expect(document).toMatchObject({ status: 'error', reason: 'input_invalid' });
    expect(document.error.message).toContain('takes longer than 5000 ms to check');
  },
);
