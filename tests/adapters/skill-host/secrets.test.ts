/** What a skill may read of `ctx.secrets`, and that its values do not come out again. */
import process from 'node:process';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import { openSkillHost } from '../../../adapters/skill-host/host.ts';
import type { SkillPool } from '../../../adapters/skill-host/pool.ts';
import type { ConnectorCall } from '../../../core/connectors/connector.ts';
import type { JsonValue } from '../../../core/json.ts';
import type { SkillLogLine, SkillSecrets } from '../../../core/runs/skill-host.ts';
import { aSkillRoot, anEntry, buildSkillChild } from '../../support/skill-root.ts';
import type { SkillRoot } from '../../support/skill-root.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const KEY = 'sk/live "quoted" key+1';

/** Skills, each the body of a function. */
const SKILLS = {
  knows: `return [ctx.secrets.API_KEY.length, 'API_KEY' in ctx.secrets, Reflect.ownKeys(ctx.secrets)];`,
  shows: `return [JSON.stringify(ctx), JSON.stringify({ ...ctx.secrets }), inspect(ctx), inspect(ctx.secrets)];`,
  undeclared: `return ctx.secrets.OTHER;`,
  unset: `return ctx.secrets.UNSET;`,
  catches: `try { return ctx.secrets.UNSET; } catch (error) { return [error.code, error.message]; }`,
  leaks: `
    const key = ctx.secrets.API_KEY;
    console.log('out ' + key);
    console.error('err ' + encodeURIComponent(key));
    ctx.log('log ' + key, { key, [key]: [Buffer.from('user:' + key).toString('base64')] });
    ctx.heartbeat({ key });
    return { key, url: 'https://x?k=' + encodeURIComponent(key), basic: Buffer.from('ab:' + key + ':c').toString('base64'), json: JSON.stringify({ key }) };`,
  splits: `process.stdout.write('x'.repeat(8180) + ctx.secrets.API_KEY + 'y'.repeat(20_000)); return null;`,
  throws: `const key = ctx.secrets.API_KEY; throw Object.assign(new Error('no ' + key), { name: key, cause: new Error(key) });`,
  throws_much: `throw new Error('x'.repeat(4082) + ctx.secrets.API_KEY);`,
  throws_text: `throw 'x'.repeat(190) + ctx.secrets.API_KEY;`,
  logs_much: `ctx.log('much', { text: 'x'.repeat(8165) + ctx.secrets.API_KEY + 'y'.repeat(9000) }); return null;`,
  sends: `return ctx.connectors.weather.request({ query: { key: ctx.secrets.API_KEY } });`,
  environment: `return JSON.stringify([process.env, process.argv, process.execArgv]);`,
} as const;

let host: SkillPool;
let root: SkillRoot;

beforeAll(async () => {
  const files = Object.entries(SKILLS).map(([name, body]) => [
    `implementations/test/${name}.ts`,
    `import { inspect } from 'node:util';\nexport async function run(payload, ctx) {\n${body}\n}`,
  ]);
  root = await aSkillRoot(Object.fromEntries(files));
  const childPath = await buildSkillChild(tempFolder());
  host = openSkillHost({ ...root, childPath, processes: 2, memoryMb: 256, environment: process.env });
});

afterAll(async () => {
  await host.close();
  await root.remove();
});

const SECRETS: SkillSecrets = { API_KEY: KEY, UNSET: null };

async function run(name: keyof typeof SKILLS) {
  const entry = anEntry(name);
  const lines: SkillLogLine[] = [];
  const beats: JsonValue[] = [];
  const calls: ConnectorCall[] = [];
  const step = {
    number: 1,
    skill: entry.id,
    name,
    hash: await openSkillCode(root).freeze(entry),
    accepts: 'text' as const,
    timeoutMs: 20_000,
    repeatable: false,
    retry: { maxAttempts: 1, initialMs: 1, backoff: 1, maxIntervalMs: 1, nonRetryable: [] },
    connectors: ['weather'],
    secrets: Object.keys(SECRETS),
  };
  const call = { runId: 'r', attempt: 1, idempotencyKey: 'k', principal: { subject: 'ada', roles: [] } };
  const outcome = await host
    .run(
      { ...call, payload: '', step, secrets: SECRETS },
      {
        signal: new AbortController().signal,
        onLog: (line) => void lines.push(line),
        onHeartbeat: (progress) => void beats.push(progress),
        async onConnectorCall(given) {
          calls.push(given);
          return given.args;
        },
      },
    )
    .then(
      (text) => JSON.parse(text) as JsonValue,
      (error: unknown) => error as Error,
    );
  return { outcome, lines, beats, calls };
}

test('hands over the declared secrets', async () => {
  expect((await run('knows')).outcome).toEqual([KEY.length, true, ['API_KEY', 'UNSET']]);
});

test('JSON, spread and inspect do not show them', async () => {
  const [json, spread, ...inspected] = (await run('shows')).outcome as readonly string[];
  expect(JSON.parse(json as string)).toMatchObject({ runId: 'r', secrets: {} });
  expect(spread).toBe('{}');
  expect(inspected.join('\n')).not.toContain('[REDACTED]');
});

test.each([
  [
    'undeclared',
    { code: 'connector_not_declared', message: 'Expected secrets in the manifest to list "OTHER"' },
  ],
  ['unset', { code: 'secret_missing', message: 'The secret "UNSET" of the skill is not set' }],
] as const)('reading a secret that is %s ends the step by name', async (name, expected) => {
  expect((await run(name)).outcome).toMatchObject(expected);
});

test('a skill may go on without a secret that is not set', async () => {
  expect((await run('catches')).outcome).toEqual([
    'secret_missing',
    'The secret "UNSET" of the skill is not set',
  ]);
});

test('masks output, log lines and progress in every form', async () => {
  const { outcome, lines, beats } = await run('leaks');
  expect(outcome).toMatchObject({
    key: '[REDACTED]',
    url: 'https://x?k=[REDACTED]',
    json: '{"key":"[REDACTED]"}',
  });
  expect((outcome as { basic: string }).basic).toContain('[REDACTED]');
  expect(beats).toEqual([{ key: '[REDACTED]' }]);
  const text = JSON.stringify(lines);
  for (const form of [KEY, JSON.stringify(KEY).slice(1, -1), encodeURIComponent(KEY)])
    expect(text).not.toContain(form);
  expect(lines.map(({ stream, message }) => [stream, message]).toSorted(byStream)).toEqual([
    ['log', 'log [REDACTED]'],
    ['stderr', 'err [REDACTED]'],
    ['stdout', 'out [REDACTED]'],
  ]);
});

/** Streams are read in any order. */
function byStream([a = '']: readonly string[], [b = '']: readonly string[]): number {
  return a < b ? -1 : 1;
}

test('masks a secret that a long line would be split at', async () => {
  const { lines } = await run('splits');
  const text = lines.map(({ message }) => message).join('');
  expect(text).toBe(`${'x'.repeat(8180)}[REDACTED]${'y'.repeat(20_000)}`);
});

test('masks errors, their details and their stacks', async () => {
  const { outcome, lines } = await run('throws');
  expect(outcome).toMatchObject({ code: 'skill_failed', details: { name: '[REDACTED]' } });
  expect(JSON.stringify([(outcome as Error).message, lines])).not.toContain('sk/live');
});

test.each(['throws_much', 'throws_text', 'logs_much'] as const)(
  'leaves no part of a secret where a text is cut: %s',
  async (name) => {
    const { outcome, lines } = await run(name);
    const message = outcome instanceof Error ? outcome.message : '';
    expect(message.length).toBeLessThanOrEqual(4096);
    expect(message + JSON.stringify(lines)).not.toMatch(/sk\/l/);
  },
);

test('a connector call takes a secret along, and its answer comes out masked', async () => {
  const { outcome, calls } = await run('sends');
  expect(calls[0]?.args).toEqual({ query: { key: KEY } });
  expect(outcome).toEqual({ query: { key: '[REDACTED]' } });
});

test('no argument and no environment variable holds a secret', async () => {
  expect((await run('environment')).outcome).not.toContain('[REDACTED]');
});
