/** Pipelines from the outside: order, groups, failure, the limit of a group, large outputs, and split queries. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadAddress } from '../support/dead-address.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const RUN_ID = /pipeline-[0-7][0-9A-Z]{25}/;

/** Ends only once its partner has begun too. */
const meets = (name: string, other: string) => `
import { existsSync, writeFileSync } from 'node:fs';
export async function run(text: string, ctx: { runId: string }) {
  const place = process.cwd() + '/' + ctx.runId + '.';
  writeFileSync(place + '${name}', '');
  while (!existsSync(place + '${other}')) await new Promise((resolve) => setTimeout(resolve, 10));
  return '${name}: ' + text;
}`;

const SKILLS = {
  'text/upper': { code: 'export const run = (text: string) => text.toUpperCase();' },
  'text/quote': { code: "export const run = (text: string) => '<' + text + '>';" },
  'text/length': { code: 'export const run = (text: string) => text.length;' },
  'text/nested': { code: "export const run = () => '['.repeat(40) + ']'.repeat(40);" },
  'list/size': {
    code: 'export const run = (list: unknown) => JSON.stringify(list).length;',
    manifest: 'inputs: { type: array }\n',
  },
  'text/huge': { code: 'export const run = (text: string) => text.repeat(1_000_000);' },
  'test/late': {
    code: "export const run = () => new Promise((resolve) => setTimeout(resolve, 500, 'late'));",
  },
  'test/soon': { code: "export const run = () => 'soon';" },
  'test/fail': {
    code: `
import { existsSync } from 'node:fs';
export async function run(file: string): Promise<never> {
  while (!existsSync(file + '.begun')) await new Promise((resolve) => setTimeout(resolve, 10));
  throw new Error('no luck');
}`,
  },
  /** Takes its time to stop, and says when it has. */
  'test/told': {
    code: `
import { writeFileSync } from 'node:fs';
export const run = (file: string, ctx: { signal: AbortSignal }) => new Promise((_, reject) => {
  ctx.signal.addEventListener('abort', () => setTimeout(() => {
    writeFileSync(file + '.told', '');
    reject(new Error('stopped'));
  }, 300));
  writeFileSync(file + '.begun', '');
});`,
  },
  /** Waits until as many have begun as the last character of its file's name says, and then a little for more. */
  'test/counted': {
    code: `
import { appendFileSync, readFileSync } from 'node:fs';
export async function run(file: string) {
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  appendFileSync(file, '+');
  while (readFileSync(file, 'utf8').split('+').length <= Number(file.at(-1))) await pause(10);
  await pause(200);
  appendFileSync(file, '-');
  return 'done';
}`,
    manifest: 'side_effects: write\n',
  },
  'meet/north': {
    code: meets('north', 'south'),
    manifest: 'examples: [look to the north, what is north of here]\n',
  },
  'meet/south': {
    code: meets('south', 'north'),
    manifest: 'examples: [look to the south, what is south of here]\n',
  },
  'paint/walls': {
    code: "export const run = (text: string) => 'painted: ' + text;",
    manifest: 'examples: [paint the walls, painting the walls white]\n',
  },
  'sweep/floor': {
    code: "export const run = (text: string) => 'swept: ' + text;",
    manifest: 'examples: [sweep the floor, sweeping the floor]\n',
  },
};

let deployment: Deployment;
/** Its groups run two members at once. */
let narrow: Deployment;
let workers: readonly SkillosProcess[];

beforeAll(async () => {
  const settings = { SKILLOS_SKILL_PROCESSES: '12' };
  [deployment, narrow] = await Promise.all([
    openDeployment(rootWith(SKILLS), settings),
    openDeployment(rootWith(SKILLS), { ...settings, SKILLOS_PARALLEL_LIMIT: '2' }),
  ]);
  workers = await Promise.all([startWorkerProcess(deployment.env), startWorkerProcess(narrow.env)]);
});

afterAll(async () => {
  for (const worker of workers) worker.signal('SIGTERM');
  await Promise.all(workers.map((worker) => worker.ended));
  await Promise.all([deployment.close(), narrow.close()]);
});

const call = (...argv: readonly string[]) => skillos(argv, { env: deployment.env });

function pipeline(steps: readonly string[], ...more: readonly string[]): readonly string[] {
  return ['pipeline', 'run', ...steps.flatMap((step) => ['--step', step]), ...more];
}

interface Document {
  readonly run_id: string;
  readonly status: string;
  readonly result: unknown;
  readonly steps: readonly { readonly id: number; readonly skill: string; readonly status: string }[];
}

describe('pipeline run', () => {
  test.concurrent.each<[string, readonly string[], string]>([
    ['hands each output on', ['text.upper', 'text/quote', 'text/quote'], '<<START>>'],
    ['is content with one step', ['text/upper'], 'START'],
    ['joins texts of a group by line, as they were named', ['test/late|test/soon'], 'late\nsoon'],
    ['takes a comma for a pipe', ['test/late,text/upper', 'text/quote'], '<late\nSTART>'],
    ['makes an array of anything else', ['text/upper|text/length'], JSON.stringify(['START', 5], null, 2)],
    [
      'gives all members the same payload',
      ['text/upper', 'text/quote|text/length'],
      '[\n  "<START>",\n  5\n]',
    ],
    ['hands on JSON text that is deeper than a payload may be', ['text/nested', 'list/size'], '80'],
    ['goes on with what a group found', ['text/quote|text/quote', 'text/upper'], '<START>\n<START>'],
  ])('%s', async (_, steps, expected) => {
    const { code, stdout, stderr } = await call(...pipeline(steps, '--payload', 'start'));
    expect([code, code === 0 ? stdout : stderr]).toEqual([0, `${expected}\n`]);
  });

  test.concurrent('prints each step on stderr, and the whole with --json', async () => {
    const text = await call(...pipeline(['text/upper', 'text/quote']));
    expect(text.stdout).toBe('<OK>\n');
    expect(text.stderr).toMatch(/^run: pipeline-\S+$/m);
    expect(text.stderr).toMatch(/✓ step 1 text\/upper .+\n✓ step 2 text\/quote .+\n$/);
    const { stdout } = await call(...pipeline(['text/upper', 'text/quote|text/length'], '--json'));
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'skillos.run/v1',
      run_id: expect.stringMatching(RUN_ID),
      status: 'success',
      skill: 'pipeline',
      result: ['<OK>', 2],
      steps: [
        { id: 1, skill: 'text/upper', status: 'success', output: 'OK' },
        { id: 2, skill: 'text/quote', status: 'success', output: '<OK>' },
        { id: 3, skill: 'text/length', status: 'success', output: 2 },
      ],
    });
  });

  test.concurrent('starts and detaches, to be watched', async () => {
    const { code, stdout } = await call(...pipeline(['test/late', 'text/quote'], '--detach'));
    expect([code, stdout]).toEqual([0, expect.stringMatching(RUN_ID)]);
    const watched = await call('runs', 'watch', stdout.trim());
    expect([watched.code, watched.stdout]).toEqual([0, '<late>\n']);
  });

  test.concurrent('ends with the member that failed, after its siblings have stopped', async () => {
    const file = join(deployment.root, 'failing');
    const steps = ['test/fail|test/told', 'text/upper'];
    const { code, stdout } = await call(...pipeline(steps, '--payload', file, '--json'));
    expect(existsSync(`${file}.told`)).toBe(true);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'error',
      reason: 'skill_failed',
      error: { code: 'skill_failed', message: expect.stringContaining('no luck') },
      steps: [
        { id: 1, skill: 'test/fail', status: 'error' },
        { id: 2, skill: 'test/told', status: 'cancelled' },
        { id: 3, skill: 'text/upper', status: 'waiting', attempts: 0 },
      ],
    });
  });

  test.concurrent.each<[number, () => Deployment]>([
    [4, () => deployment],
    [2, () => narrow],
  ])('runs at most %d members at once', async (limit, where) => {
    const { env, root } = where();
    const file = join(root, `counted-${limit}`);
    const group = Array.from({ length: 10 }, () => 'test/counted').join('|');
    const { code } = await skillos(pipeline([group], '--payload', file), { env });
    expect(code).toBe(0);
    let running = 0;
    const counts = Array.from(readFileSync(file, 'utf8')).map((sign) => (running += sign === '+' ? 1 : -1));
    expect([counts.length, Math.max(...counts), counts.at(-1)]).toEqual([20, limit, 0]);
  });

  test.concurrent('carries large outputs by reference', async () => {
    const steps = ['text/huge|text/huge', 'text/length'];
    const { code, stdout } = await call(...pipeline(steps, '--payload', 'abc', '--json'));
    const { run_id: runId, result } = JSON.parse(stdout) as Document;
    expect([code, result]).toEqual([0, 6_000_001]);
    const { events } = await deployment.temporal.client.workflow.getHandle(runId).fetchHistory();
    const sizes = (events ?? []).map((event) => JSON.stringify(event).length);
    expect(Math.max(...sizes)).toBeLessThan(8192);
  });

  test.concurrent.each<[string, readonly string[], string, string]>([
    ['no step', [], 'pipeline_steps_required', 'Expected at least one step, got none'],
    ['an empty step', ['text/upper', ''], 'pipeline_steps_required', 'Invalid step ""'],
    [
      'an empty member',
      ['text/upper||text/quote'],
      'pipeline_steps_required',
      'Invalid step "text/upper||text/quote"',
    ],
    ['what is no id', ['text/upper', '../x'], 'invalid_skill_id', 'Invalid skill id "../x"'],
    ['an unknown skill', ['text/upper', 'text/nothing'], 'unknown_skill', 'Unknown skill "text/nothing"'],
    [
      '10,000 steps',
      Array.from({ length: 10 }, () => Array.from({ length: 1000 }, () => 'text/nothing').join('|')),
      'plan_too_large',
      'Plan of 10000 steps: expected at most 500',
    ],
  ])('refuses %s before anything is asked of the server', async (_, steps, code, message) => {
    const env = { ...deployment.env, TEMPORAL_ADDRESS: await deadAddress() };
    const [text, json] = await Promise.all([
      skillos(pipeline(steps), { env }),
      skillos(pipeline(steps, '--json'), { env }),
    ]);
    expect([text.code, text.stdout]).toEqual([2, '']);
    expect(text.stderr).toContain(`Error: ${message}`);
    expect(text.stderr).toMatch(/\nhint: .+\n$/);
    expect([json.code, JSON.parse(json.stdout)]).toEqual([2, expect.objectContaining({ code })]);
  });
});

describe('run --mode', () => {
  test.concurrent('auto runs at once what "and" joins, each with its own words', async () => {
    const query = 'look to the north and look to the south';
    const { code, stdout } = await call('run', query, '--mode', 'auto', '--execute');
    expect([code, stdout]).toEqual([
      0,
      'meet/north\nmeet/south\nnorth: look to the north\nsouth: look to the south\n',
    ]);
  });

  test.concurrent('auto runs first what the other comes after', async () => {
    const query = 'Paint the walls after sweeping the floor';
    const { code, stdout } = await call('run', query, '--mode', 'auto', '--execute', '--json');
    const document = JSON.parse(stdout) as Document;
    expect(code).toBe(0);
    expect(document).toMatchObject({
      status: 'success',
      mode: 'auto',
      decision: { kind: 'sequence', reasons: ['"after" puts sweep/floor before paint/walls'] },
      result: 'painted: Paint the walls',
      segments: [
        { id: 1, skill: 'sweep/floor', group: 1, query: 'sweeping the floor' },
        { id: 2, skill: 'paint/walls', group: 2, query: 'Paint the walls' },
      ],
      steps: [
        { id: 1, skill: 'sweep/floor', output: 'swept: sweeping the floor' },
        { id: 2, skill: 'paint/walls' },
      ],
    });
  });

  test.concurrent('sends a payload that is given through all of them', async () => {
    const query = 'sweep the floor then paint the walls';
    const argv = ['run', query, '--mode', 'pipeline', '--execute', '--payload', 'here'];
    const { code, stdout } = await call(...argv);
    expect([code, stdout]).toEqual([0, 'sweep/floor\npaint/walls\npainted: swept: here\n']);
  });

  test.concurrent('without --execute prints what would run, and why, without a server', async () => {
    const env = { ...deployment.env, TEMPORAL_ADDRESS: await deadAddress() };
    const argv = ['run', 'look to the north and look to the south, then sweep the floor', '--mode', 'auto'];
    const { code, stdout, stderr } = await skillos(argv, { env });
    expect([code, stdout]).toEqual([0, 'meet/north\nmeet/south\nsweep/floor\n']);
    expect(stderr).toMatch(
      /^auto: "and" joins meet\/north and meet\/south\nauto: "then" puts meet\/north and meet\/south before sweep\/floor\nrouted: meet\/north \(confidence 0\.\d\d\) \| meet\/south \(.+\) -> sweep\/floor \(.+\)\nnothing was executed; add --execute to run it\n$/,
    );
    const json = await skillos([...argv, '--json'], { env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 'skillos.run/v1',
      status: 'routed',
      mode: 'auto',
      decision: { kind: 'sequence' },
      steps: [
        { id: 1, group: 1, skill: 'meet/north', routing: { status: 'routed', skill: 'meet/north' } },
        { id: 2, group: 1, skill: 'meet/south' },
        { id: 3, group: 2, skill: 'sweep/floor' },
      ],
    });
  });

  test.concurrent('says why a query stays whole, and runs that', async () => {
    const argv = ['run', 'paint the walls and ceilings', '--mode', 'auto', '--execute'];
    const { code, stdout, stderr } = await call(...argv);
    expect([code, stdout]).toEqual([0, 'paint/walls\npainted: paint the walls and ceilings\n']);
    expect(stderr).toContain('auto: not split at "and": no skill is certain for "ceilings"\n');
  });

  test.concurrent.each<[readonly string[], string]>([
    [['--mode', 'fast'], 'Invalid --mode "fast": expected single, pipeline, parallel or auto'],
    [['--mode', 'auto', '--skill', 'text/upper'], 'Expected one of --skill and --mode'],
  ])('refuses %j', async (argv, message) => {
    const { code, stdout, stderr } = await call('run', 'sweep the floor', ...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`Error: ${message} (usage)\n`);
  });
});
