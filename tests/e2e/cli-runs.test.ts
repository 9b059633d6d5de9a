/** Each exit code that exists, and each way in for a payload, from the outside: argv in; code, stdout and stderr out. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadAddress } from '../support/dead-address.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import type { CliResult } from '../support/run-cli.ts';
import { skillos, startSkillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const RUN_ID = /test\.\w+-[0-7][0-9A-Z]{25}/;
const UNTIL_TOLD = `
export const run = (_: string, ctx: { signal: AbortSignal }) =>
  new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('stopped'))));`;

let deployment: Deployment;
let worker: SkillosProcess;
let dead: string;

beforeAll(async () => {
  const root = rootWith({
    'test/echo': {
      code: 'export const run = (payload: string) => `echo ${payload}`;',
      manifest: 'examples: [repeat my words]\n',
    },
    'test/same': { code: 'export const run = (payload: unknown) => payload;' },
    'test/fail': { code: "export function run(): never { throw new Error('no luck'); }" },
    'test/pause': {
      code: "export const run = () => new Promise((resolve) => setTimeout(resolve, 3000, 'rested'));",
    },
    'test/slow': { code: UNTIL_TOLD },
    'test/big': { code: "export const run = () => 'é'.repeat(2_500_000);" },
    'test/size': { code: 'export const run = (payload: string) => payload.length;' },
    'test/city': {
      code: 'export const run = (payload: unknown) => payload;',
      manifest: 'inputs: { type: object, required: [city], properties: { city: { type: string } } }\n',
    },
    'test/query': {
      code: 'export const run = (payload: unknown) => payload;',
      manifest: 'inputs: { type: object, required: [query], properties: { query: { type: string } } }\n',
    },
  });
  deployment = await openDeployment(root);
  [worker, dead] = await Promise.all([startWorkerProcess(deployment.env), deadAddress()]);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

interface Row {
  readonly argv: readonly string[];
  readonly code: number;
  /** Whole; `<run>` stands for the run id. */
  readonly stdout: string;
  /** The line that matters. */
  readonly stderr?: string;
  /** Fields of the document that `--json` prints. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly env?: () => Readonly<Record<string, string>>;
}

const refusal = (code: string) => ({ schema: 'skillos.error/v1', code, message: expect.any(String) });
const outcome = (fields: object) => ({ schema: 'skillos.run/v1', ...fields });
const withoutServer = () => ({ TEMPORAL_ADDRESS: dead });

const ROWS: Readonly<Record<string, Row>> = {
  'routes a query, without a server': {
    argv: ['run', 'repeat my words'],
    code: 0,
    stdout: 'test/echo\n',
    stderr: 'nothing was executed; add --execute to run it\n',
    json: outcome({ status: 'routed', skill: 'test/echo', steps: [] }),
    env: withoutServer,
  },
  'runs what was routed': {
    argv: ['run', 'repeat my words', '--execute'],
    code: 0,
    stdout: 'test/echo\necho repeat my words\n',
    stderr: '✓ step 1 test/echo ',
    json: outcome({ status: 'success', result: 'echo repeat my words', routing: expect.any(Object) }),
  },
  'runs a skill by its id': {
    argv: ['run-skill', 'test.echo', '--payload', 'hello'],
    code: 0,
    stdout: 'echo hello\n',
    stderr: '✓ step 1 test/echo ',
    json: outcome({
      status: 'success',
      skill: 'test/echo',
      result: 'echo hello',
      steps: [expect.objectContaining({ id: 1, skill: 'test/echo', status: 'success', attempts: 1 })],
    }),
  },
  'waits longer than a timer of Node can': {
    argv: ['run-skill', 'test/echo', '--timeout', '400d'],
    code: 0,
    stdout: 'echo ok\n',
    json: outcome({ status: 'success' }),
  },
  'starts and detaches': {
    argv: ['run-skill', 'test/echo', '--detach'],
    code: 0,
    stdout: '<run>\n',
    stderr: '  watch:  skillos runs watch <run>\n',
    json: outcome({ run_id: '<run>', steps: [] }),
  },
  'tells of a skill that failed': {
    argv: ['run-skill', 'test/fail'],
    code: 1,
    stdout: '',
    stderr:
      'Error: no luck (implementations/test/fail.ts:1:38) (skill_failed)\nhint: skillos runs show <run>\n',
    json: outcome({
      status: 'error',
      reason: 'skill_failed',
      error: { code: 'skill_failed', message: expect.stringContaining('no luck') },
    }),
  },
  'refuses a skill that is not there': {
    argv: ['run-skill', 'test/nothing'],
    code: 2,
    stdout: '',
    stderr: 'Error: Unknown skill "test/nothing" (unknown_skill)\n',
    json: refusal('unknown_skill'),
  },
  'refuses what is no skill id': {
    argv: ['run-skill', '../etc/passwd'],
    code: 2,
    stdout: '',
    stderr: 'Error: Invalid skill id "../etc/passwd": expected domain/name',
    json: refusal('invalid_skill_id'),
  },
  'refuses input that the manifest does not allow': {
    argv: ['run-skill', 'test/city', '--payload', '{"town":"Sochi"}'],
    code: 2,
    stdout: '',
    stderr:
      'Error: Invalid payload for skill "test/city": must have required property \'city\', got an object; a valid one is {"city":"text"} (input_invalid)\n',
    json: refusal('input_invalid'),
  },
  'refuses a number that would change': {
    argv: ['run-skill', 'test/city', '--payload', '{"city":7615917337495251231}'],
    code: 2,
    stdout: '',
    stderr:
      'Error: Invalid payload: it holds a number with more digits than a double keeps at "/city" (input_invalid)\n',
    json: refusal('input_invalid'),
  },
  'refuses a root that is not there': {
    argv: ['run-skill', 'test/echo', '--root', './missing'],
    code: 2,
    stdout: '',
    stderr: 'Error: Skills root "./missing" not found',
    json: refusal('root_not_found'),
  },
  'refuses an unknown option': {
    argv: ['run-skill', 'test/echo', '--timout', '3'],
    code: 2,
    stdout: '',
    stderr: 'hint: Did you mean: --timeout\n',
    json: refusal('usage'),
  },
  'refuses a time limit that is none': {
    argv: ['run-skill', 'test/echo', '--timeout', 'soon'],
    code: 2,
    stdout: '',
    stderr: 'Error: Invalid --timeout "soon": expected a duration',
    json: refusal('usage'),
  },
  'refuses a payload file that cannot be read': {
    argv: ['run-skill', 'test/echo', '--payload', '@missing.txt'],
    code: 2,
    stdout: '',
    stderr:
      'Error: Cannot read payload file "missing.txt": no such file or directory (ENOENT) (input_unreadable)\n',
    json: refusal('input_unreadable'),
  },
  'refuses two payloads': {
    argv: ['run-skill', 'test/echo', '--payload', 'x', '--stdin'],
    code: 2,
    stdout: '',
    stderr: 'Error: Expected one of --payload, --payload-file and --stdin (usage)\n',
    json: refusal('usage'),
  },
  'gives up where no server answers': {
    argv: ['run-skill', 'test/echo'],
    code: 7,
    stdout: '',
    stderr: 'Error: Temporal does not answer at "<dead>" (engine_unreachable)\n',
    json: refusal('engine_unreachable'),
    env: withoutServer,
  },
  'finds no skill': {
    argv: ['run', 'zzz qqq', '--execute'],
    code: 8,
    stdout: 'no_skill_found\n',
    json: outcome({ status: 'no_skill_found', steps: [] }),
  },
  'executes nothing where it is not sure': {
    argv: ['run', 'repeat my words', '--execute'],
    code: 8,
    stdout: 'low_confidence: test/echo\nalternatives: none\n',
    json: outcome({ status: 'low_confidence', skill: 'test/echo', steps: [] }),
    env: () => ({ SKILLOS_ROUTING_MIN_CONFIDENCE: '1' }),
  },
  'refuses a setting that does not parse, without its value': {
    argv: ['run-skill', 'test/echo'],
    code: 78,
    stdout: '',
    stderr: 'SKILLOS_SKILL_PROCESSES',
    json: refusal('config_invalid'),
    env: () => ({ SKILLOS_SKILL_PROCESSES: 'sevenfold' }),
  },
};

/** With a placeholder for what differs each time. */
function plain(text: string): string {
  const runId = RUN_ID.exec(text)?.[0];
  const replaced = runId === undefined ? text : text.replaceAll(runId, '<run>');
  return replaced.replaceAll(dead, '<dead>');
}

function expectClean({ stdout, stderr }: CliResult): void {
  const all = stdout + stderr;
  expect(all).not.toContain('\u001b');
  expect(all).not.toContain('    at ');
  expect(all).not.toContain(deployment.root);
  expect(all).not.toContain('sevenfold');
}

describe('what the shell is told', () => {
  test.concurrent.each(Object.entries(ROWS))('skillos %s', async (_, row) => {
    const env = { ...deployment.env, ...row.env?.() };
    const options = { env, cwd: deployment.root };
    const [text, json] = await Promise.all([
      skillos(row.argv, options),
      skillos([...row.argv, '--json'], options),
    ]);
    expect([text.code, plain(text.stdout)]).toEqual([row.code, row.stdout]);
    expect(plain(text.stderr)).toContain(row.stderr ?? '');
    expect(json.code).toBe(row.code);
    expect(JSON.parse(plain(json.stdout))).toMatchObject(row.json);
    expectClean(text);
    expectClean(json);
  });

  test.concurrent('goes on after --timeout, to be watched to its end', async () => {
    const left = await skillos(['run-skill', 'test/pause', '--timeout', '500ms'], { env: deployment.env });
    expect([left.code, plain(left.stdout)]).toEqual([5, '<run>\n']);
    expect(left.stderr).toContain('stopped waiting; the run continues\n');
    expectClean(left);
    const runId = left.stdout.trim();
    const watched = await skillos(['runs', 'watch', runId, '--json'], { env: deployment.env });
    expect(watched.code).toBe(0);
    expect(JSON.parse(watched.stdout)).toMatchObject({ run_id: runId, status: 'success', result: 'rested' });
  });

  test.concurrent('leaves the run alone on Ctrl-C, and says how to come back', async () => {
    const run = startSkillos(['run-skill', 'test/pause'], { env: deployment.env });
    const [, runId = ''] = await run.until('stderr', /^run: (\S+)$/m);
    run.signal('SIGINT');
    const left = await run.ended;
    expect([left.code, left.stdout]).toEqual([130, '']);
    expect(left.stderr).toContain(
      `watch:  skillos runs watch ${runId}\n  cancel: skillos runs cancel ${runId}\n`,
    );
    expectClean(left);
    const { code, stdout } = await skillos(['runs', 'watch', runId], { env: deployment.env });
    expect([code, stdout]).toEqual([0, 'rested\n']);
  });

  test.concurrent('cancels the run on Ctrl-C twice', async () => {
    const run = startSkillos(['run-skill', 'test/slow', '--json'], { env: deployment.env });
    await run.until('stderr', /^run: /m);
    run.signal('SIGINT');
    await run.until('stderr', /Ctrl-C again cancels it/);
    run.signal('SIGINT');
    const ended = await run.ended;
    expect(ended.code).toBe(1);
    const { run_id: runId, ...document } = JSON.parse(ended.stdout) as { readonly run_id: string };
    expect(document).toMatchObject({ status: 'cancelled', reason: 'run_cancelled' });
    expectClean(ended);
    const audit = await skillos(['audit', 'list', '--run', runId], { env: deployment.env });
    expect(audit.stdout).toMatch(/ run_cancelled +\S+ +cli /);
  });
});

describe('a payload', () => {
  const UNICODE = 'Привет, 世界 👋🏽\n"quoted"\ttabbed';

  test.concurrent.each([
    ['--payload', ['--payload', UNICODE], undefined],
    ['--payload @file', ['--payload', '@payload.txt'], undefined],
    ['--payload-file', ['--payload-file', 'payload.txt'], undefined],
    ['--payload -', ['--payload', '-'], UNICODE],
    ['--stdin', ['--stdin'], UNICODE],
  ])('comes whole by %s', async (_, argv, stdin) => {
    writeFileSync(join(deployment.root, 'payload.txt'), UNICODE);
    const { code, stdout } = await skillos(['run-skill', 'test/same', ...argv], {
      env: deployment.env,
      cwd: deployment.root,
      ...(stdin === undefined ? {} : { stdin }),
    });
    expect([code, stdout]).toEqual([0, `${UNICODE}\n`]);
  });

  test.concurrent.each([
    ['an object for a skill with inputs', 'test/city', '{"city":"Sochi"}', { city: 'Sochi' }],
    ['plain text as {query}', 'test/query', 'to Sochi', { query: 'to Sochi' }],
    ['an object with a query as it is', 'test/query', '{"query":"to Sochi"}', { query: 'to Sochi' }],
    ['JSON as text for a skill without inputs', 'test/same', '{"a":1}', '{"a":1}'],
    ['an empty text', 'test/same', '', ''],
  ])('is %s', async (_, skill, payload, expected) => {
    const { code, stdout } = await skillos(['run-skill', skill, '--payload', payload, '--json'], {
      env: deployment.env,
    });
    expect([code, (JSON.parse(stdout) as { result: unknown }).result]).toEqual([0, expected]);
  });

  test.concurrent('that is not UTF-8 is refused', async () => {
    const { code, stdout, stderr } = await skillos(['run-skill', 'test/same', '--stdin'], {
      env: deployment.env,
      stdin: Uint8Array.of(0x66, 0xff, 0xfe),
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Error: Payload of standard input is not UTF-8 (input_unreadable)\n');
  });

  test.concurrent('of 40 KB travels by reference', async () => {
    const { code, stdout } = await skillos(['run-skill', 'test/size', '--stdin', '--json'], {
      env: deployment.env,
      stdin: 'x'.repeat(40_000),
    });
    const { run_id: runId, result } = JSON.parse(stdout) as { run_id: string; result: number };
    expect([code, result]).toEqual([0, 40_000]);
    const history = await deployment.temporal.client.workflow.getHandle(runId).fetchHistory();
    const largest = Math.max(...(history.events ?? []).map((event) => JSON.stringify(event).length));
    expect(largest).toBeLessThan(8192);
  });

  test.concurrent('of five megabytes comes out whole, and nothing else with it', async () => {
    const { code, stdout } = await skillos(['run-skill', 'test/big'], { env: deployment.env });
    expect(code).toBe(0);
    expect(Buffer.byteLength(stdout)).toBe(5_000_001);
    expect(stdout === `${'é'.repeat(2_500_000)}\n`).toBe(true);
  });
});
