/** Variants of a skill in real runs, and the results that their ends leave. */
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { runCli } from '../support/run-cli.ts';
import { SECRET, signToken } from '../support/tokens.ts';

const SKILLS = {
  'test/greet': {
    code: `
export const run = (name: string) => 'hello ' + name;
export function other(name: string) { if (name === 'bad') throw new Error('no'); return 'hi ' + name; }`,
    manifest: `side_effects: none
retry: { max_attempts: 1 }
variants:
  long: {}
  short: { entrypoint: "implementations.test.greet:other" }
`,
  },
  'test/lost': {
    code: 'export const run = () => 1;',
    manifest: 'variants: { here: {}, gone: { entrypoint: "implementations.test.gone:run" } }\n',
  },
};

interface Shown {
  readonly run_id: string;
  readonly result?: string;
  readonly plan_digest: string;
  readonly steps: readonly { readonly variant: string }[];
}

let deployment: Deployment;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS), { SKILLOS_JWT_SECRET: SECRET });
  await deployment.startWorker();
}, PROCESSES_TIMEOUT_MS);

afterAll(() => deployment.close());

async function as(user: string, ...argv: readonly string[]): ReturnType<typeof runCli> {
  return runCli([...argv, '--jwt', await signToken({ sub: user })], { env: deployment.env });
}

async function json<T>(user: string, ...argv: readonly string[]): Promise<T> {
  return JSON.parse((await as(user, ...argv, '--json')).stdout) as T;
}

const greet = (user: string, payload = 'Ann') =>
  json<Shown>(user, 'run-skill', 'test/greet', '--payload', payload);

test(
  'each caller keeps a variant, a rerun too, and a promoted one takes all runs',
  async () => {
    const users = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'];
    const runs = new Map<string, Shown>();
    for (const user of users) runs.set(user, await greet(user));
    const variantOf = ({ steps }: Shown) => steps[0]?.variant;
    for (const run of runs.values()) {
      expect(run.result).toBe(variantOf(run) === 'short' ? 'hi Ann' : 'hello Ann');
    }
    const [long, short] = ['long', 'short'].map((name) =>
      users.find((user) => variantOf(runs.get(user) as Shown) === name),
    );
    if (long === undefined || short === undefined) throw new Error('Expected callers of both variants');
    const first = runs.get(long) as Shown;
    const again = await greet(long);
    expect([variantOf(again), again.plan_digest]).toEqual(['long', first.plan_digest]);
    expect((runs.get(short) as Shown).plan_digest).not.toBe(first.plan_digest);
    const { steps } = await json<Shown>(long, 'runs', 'trace', first.run_id);
    expect(steps).toMatchObject([{ variant: 'long', status: 'success' }]);
    const shown = `1 test/greet (variant long)`;
    for (const argv of [
      ['runs', 'show', first.run_id],
      ['runs', 'trace', first.run_id],
      ['run-skill', 'test/greet', '--payload', 'Ann', '--dry-run'],
    ]) {
      expect((await as(long, ...argv)).stdout).toContain(shown);
    }
    expect(await as(short, 'run-skill', 'test/greet', '--payload', 'bad')).toMatchObject({ code: 1 });

    const ofLong = users.filter((user) => variantOf(runs.get(user) as Shown) === 'long').length + 1;
    await eventually(async () => {
      expect(await json(long, 'optimize', 'show', 'test/greet')).toMatchObject({
        active: 'long',
        variants: {
          long: { successes: ofLong, failures: 0, cost: 1 },
          short: { successes: users.length + 1 - ofLong, failures: 1 },
        },
      });
    });

    expect(await json(long, 'metrics')).toMatchObject({
      all: { runs: users.length + 2, success: users.length + 1, error: 1, reasons: { skill_failed: 1 } },
    });

    const given = ['long:failure', 'short:success'].flatMap((result) => Array<string>(20).fill(result));
    const results = given.flatMap((result) => ['--result', result]);
    const decided = await as(long, 'optimize', 'test/greet', ...results);
    expect(decided).toMatchObject({ code: 0, stdout: 'optimization_decision: promote\n' });
    expect(await greet(long)).toMatchObject({ result: 'hi Ann', steps: [{ variant: 'short' }] });
    const rerun = await json<Shown>(long, 'runs', 'rerun', first.run_id);
    expect(rerun).toMatchObject({ result: 'hello Ann', steps: [{ variant: 'long' }] });
  },
  PROCESSES_TIMEOUT_MS,
);

test('a variant without code gets no results and no promotion', async () => {
  const results = Array.from({ length: 9 }, () => ['--result', 'gone:success', '--result', 'here:failure']);
  const { code, stdout, stderr } = await as('ann', 'optimize', 'test/lost', ...results.flat(), '--apply');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Entrypoint "implementations.test.gone:run" names no file');
  expect(await json('ann', 'optimize', 'show', 'test/lost')).toMatchObject({
    active: 'here',
    variants: { here: { results: 0 }, gone: { results: 0 } },
    decisions: [],
  });
});
