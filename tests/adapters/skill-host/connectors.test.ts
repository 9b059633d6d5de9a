import { AsyncLocalStorage } from 'node:async_hooks';
import process from 'node:process';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import { ConnectorCalls } from '../../../adapters/skill-host/connector-calls.ts';
import { openSkillHost } from '../../../adapters/skill-host/host.ts';
import type { SkillPool } from '../../../adapters/skill-host/pool.ts';
import type { ToChild } from '../../../adapters/skill-host/protocol.ts';
import type { ConnectorCall } from '../../../core/connectors/connector.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { JsonValue } from '../../../core/json.ts';
import type { SkillHooks } from '../../../core/runs/skill-host.ts';
import { aSkillRoot, anEntry, buildSkillChild } from '../../support/skill-root.ts';
import type { SkillRoot } from '../../support/skill-root.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** Skills that use the connector `weather`, each the body of a function. */
const SKILLS = {
  asks: `return ctx.connectors.weather.request({ path: '/today', query: { city: payload } });`,
  bytes: `return ctx.connectors.weather.request({ method: 'PUT', body: new Uint8Array([1, 2, 255]) });`,
  loses: `
    const calls = { map: { json: { found: new Map() } }, nan: { query: { page: NaN } } };
    const { query, request } = ctx.connectors.weather;
    const bytes = () => query('INSERT INTO file VALUES ($1)', [Buffer.from('a')]);
    try { await (payload === 'bytes' ? bytes() : request(calls[payload])); } catch (error) { return [error.code, error.message]; }`,
  other: `return ctx.connectors.payroll.query('select 1');`,
  catches: `try { await ctx.connectors.weather.request({}); } catch (error) { return [error.name, error.code, error.message, error.details]; }`,
  lists: `return Object.keys(ctx.connectors);`,
  writes: `return [JSON.stringify((await ctx.connectors) && ctx.connectors), JSON.stringify(ctx).length > 0];`,
  many: `return (await Promise.all(Array.from({ length: Number(payload) }, (_, path) => ctx.connectors.weather.request({ path: String(path) })))).length;`,
  large: `return ctx.connectors.weather.request({ body: 'x'.repeat(13 * 1024 * 1024) });`,
  gives_up: `
    const abort = new AbortController();
    const call = ctx.connectors.weather.request({ path: '/slow', signal: abort.signal });
    setTimeout(() => abort.abort(new Error('too slow for me')), 1);
    return call.catch((error) => error.message);`,
  tidies: `return ctx.connectors.weather.request({ path: '/slow' }).catch(() => new Promise(() => undefined));`,
  forgets: `void ctx.connectors.weather.request({ path: '/slow' }); return 'done';`,
  floods: `for (let id = 1; id < 100; id++) raw(id); return 'flooded';`,
  repeats: `raw(7); raw(7); return new Promise((resolve) => setTimeout(resolve, 60_000));`,
  deaf: `for (let id = 1; id <= 32; id++) raw(id); for (;;);`,
  zero: `raw(0); return new Promise((resolve) => setTimeout(resolve, 60_000));`,
  cancels_others: `
    const cancel = (id) => write(JSON.stringify({ type: 'connector_cancel', id }));
    for (let id = 1000; id < 1100; id++) cancel(id);
    return ctx.connectors.weather.request({});`,
  oversized: `write('x'.repeat(12 * 1024 * 1024 + 1)); return 'sent';`,
  boasts: `const head = Buffer.alloc(5); head.writeUInt32BE(0xffffffff, 0); writeSync(3, head); return 'sent';`,
  lies: `write(JSON.stringify({ type: 'connector_call', id: 1, connector: 'payroll', operation: 'query', args: {} })); return new Promise((resolve) => setTimeout(resolve, 100));`,
  nonsense: `write(JSON.stringify({ type: 'connector_call', id: 1, connector: 'weather', operation: 'x'.repeat(65), args: {} })); return 'sent';`,
} as const;

const HEAD = `
import { writeSync } from 'node:fs';
function write(text) {
  const frame = Buffer.alloc(5 + text.length);
  frame.writeUInt32BE(text.length, 0);
  frame.write(text, 5);
  for (let at = 0; at < frame.length;) {
    try {
      at += writeSync(3, frame, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
function raw(id) {
  write(JSON.stringify({ type: 'connector_call', id, connector: 'weather', operation: 'request', args: {} }));
}
`;

let host: SkillPool;
let root: SkillRoot;

beforeAll(async () => {
  const files = Object.entries(SKILLS).map(([name, body]) => [
    `implementations/test/${name}.ts`,
    `${HEAD}\nexport async function run(payload, ctx) {\n${body}\n}`,
  ]);
  root = await aSkillRoot(Object.fromEntries(files));
  const childPath = await buildSkillChild(tempFolder());
  host = openSkillHost({ ...root, childPath, processes: 2, memoryMb: 256, environment: process.env });
});

afterAll(async () => {
  await host.close();
  await root.remove();
});

type Answer = NonNullable<SkillHooks['onConnectorCall']>;

async function run(
  name: keyof typeof SKILLS,
  onConnectorCall?: Answer,
  { payload = '', signal = new AbortController().signal, timeoutMs = 60_000 } = {},
): Promise<JsonValue> {
  const entry = anEntry(name);
  const retry = { maxAttempts: 1, initialMs: 1, backoff: 1, maxIntervalMs: 1, nonRetryable: [] };
  const step = {
    number: 1,
    skill: entry.id,
    name,
    hash: await openSkillCode(root).freeze(entry),
    accepts: 'text' as const,
    timeoutMs,
    repeatable: false,
    retry,
    connectors: ['weather'],
  };
  const text = await host.run(
    { runId: 'r', attempt: 1, idempotencyKey: 'k', principal: { subject: 'ada', roles: [] }, payload, step },
    {
      signal,
      onLog: () => undefined,
      onHeartbeat: () => undefined,
      ...(onConnectorCall && { onConnectorCall }),
    },
  );
  return JSON.parse(text) as JsonValue;
}

/** Resolves when the call is aborted, as a driver does. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

test('passes a call to the worker, and its answer to the skill', async () => {
  const calls: ConnectorCall[] = [];
  const answer = await run(
    'asks',
    async (call) => {
      calls.push(call);
      return { status: 200, headers: {}, body: 'sunny' };
    },
    { payload: 'Rome' },
  );
  expect(answer).toEqual({ status: 200, headers: {}, body: 'sunny' });
  expect(calls).toEqual([
    { connector: 'weather', operation: 'request', args: { path: '/today', query: { city: 'Rome' } } },
  ]);
});

test('a call runs in the async context of its own step, though its process has served another one', async () => {
  const steps = new AsyncLocalStorage<string>();
  const answer: Answer = async () => steps.getStore() ?? null;
  for (const step of ['first', 'second']) expect(await steps.run(step, () => run('asks', answer))).toBe(step);
});

test('sends bytes as base64', async () => {
  expect(await run('bytes', async ({ args }) => args)).toEqual({ method: 'PUT', body_base64: 'AQL/' });
});

test('lists what the manifest declares, and names what it does not', async () => {
  expect(await run('lists')).toEqual(['weather']);
  await expect(run('other')).rejects.toMatchObject({
    code: 'connector_not_declared',
    message: 'Expected connectors in the manifest to list "payroll"',
  });
});

test('can be written as JSON and awaited with the rest of the context', async () => {
  expect(await run('writes')).toEqual(['{"weather":{}}', true]);
});

const tooSlow = new SkillosError('connector_timeout', 'No answer within 5 ms', { details: { limit_ms: 5 } });

test('a skill may catch a failure and look at its code', async () => {
  const answer = await run('catches', async () => Promise.reject(tooSlow));
  expect(answer).toEqual(['ConnectorError', 'connector_timeout', 'No answer within 5 ms', { limit_ms: 5 }]);
});

test('a failure that nobody catches ends the step with its code', async () => {
  await expect(run('asks', async () => Promise.reject(tooSlow))).rejects.toMatchObject({
    code: 'connector_timeout',
    message: 'No answer within 5 ms',
  });
});

test('says nothing about a fault of a driver but that there was one', async () => {
  const answer = await run('catches', async () => Promise.reject(new Error('password=hunter2')));
  expect(answer).toEqual(['ConnectorError', 'internal', 'The call of the connector failed', null]);
});

test('at most 32 calls are in flight; the others wait their turn', async () => {
  let now = 0;
  let most = 0;
  const answer: Answer = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    return null;
  };
  expect(await run('many', answer, { payload: '1000' })).toBe(1000);
  expect(most).toBe(32);
});

test('refuses a call that is too large before it is sent', async () => {
  await expect(run('large', async () => null)).rejects.toMatchObject({ code: 'connector_invalid' });
});

test.each([
  ['map', 'got a Map at "/args/json/found"'],
  ['nan', 'got NaN at "/args/query/page"'],
  ['bytes', 'got bytes as a value of the query; pass them as text, such as hex'],
])('refuses arguments that JSON would change: %s', async (payload, why) => {
  const answer = await run('loses', async () => null, { payload });
  expect(answer).toEqual(['connector_invalid', `Expected a call whose arguments are JSON: ${why}`]);
});

test('refuses an answer that is too large', async () => {
  const answer = run('asks', async () => 'x'.repeat(33 * 1024 * 1024));
  await expect(answer).rejects.toMatchObject({ code: 'response_too_large' });
});

test('a skill that gives up aborts its call', async () => {
  let aborted = false;
  const answer: Answer = async (_, signal) =>
    untilAborted(signal).catch(() => {
      aborted = true;
      return null;
    });
  expect(await run('gives_up', answer)).toBe('too slow for me');
  expect(aborted).toBe(true);
});

test.each(['forgets', 'tidies'] as const)('the end of the skill that %s aborts its calls', async (name) => {
  const abort = new AbortController();
  let called = () => undefined as void;
  const isCalled = new Promise<void>((resolve) => (called = resolve));
  let ended = Promise.resolve() as Promise<unknown>;
  const answer: Answer = (_, signal) => {
    called();
    ended = untilAborted(signal).catch(() => 'aborted');
    return ended as Promise<JsonValue>;
  };
  const outcome = run(name, answer, { signal: abort.signal }).catch((error: SkillosError) => error.code);
  await isCalled;
  if (name === 'tidies') abort.abort();
  expect(await outcome).toBe(name === 'tidies' ? 'run_cancelled' : 'done');
  expect(await ended).toBe('aborted');
});

test.each(['floods', 'repeats', 'zero', 'oversized', 'boasts', 'nonsense'] as const)(
  'a process that breaks the protocol (%s) is killed, and others go on',
  async (name) => {
    const waiting: Answer = (_, signal) => untilAborted(signal);
    const other = run('many', async () => null, { payload: '200' });
    await expect(run(name, waiting)).rejects.toMatchObject({ code: 'skill_crashed' });
    expect(await other).toBe(200);
  },
);

test('a process that cancels calls that it has not made harms nobody', async () => {
  expect(await run('cancels_others', async () => 'sunny')).toBe('sunny');
});

test('what a process claims to call is what the worker is asked for', async () => {
  const asked: string[] = [];
  await run('lies', async ({ connector }) => {
    asked.push(connector);
    throw new SkillosError('connector_not_declared', 'Expected connectors in the manifest to list it');
  });
  expect(asked).toEqual(['payroll']);
});

test('answers that a process does not read are bounded together', async () => {
  const sent: ToChild[] = [];
  const calls = new ConnectorCalls({
    onConnectorCall: async () => 'x'.repeat(20 * 1024 * 1024),
    sendText: (text) => void sent.push(JSON.parse(text) as ToChild), // the kernel never takes it
  });
  const call = { type: 'connector_call', connector: 'weather', operation: 'request', args: {} } as const;
  for (let id = 1; id <= 5; id++) calls.begin({ ...call, id });
  while (sent.length < 5) await new Promise((resolve) => setImmediate(resolve));
  const read = sent.filter(({ type }) => type === 'connector_result');
  const refused = sent.filter((message) => message.type === 'connector_failed');
  expect(read).toHaveLength(3);
  expect(refused.map(({ failure }) => failure.code)).toEqual(['response_too_large', 'response_too_large']);
});

test('a process that never reads gets no more than 32 answers', async () => {
  const abort = new AbortController();
  let calls = 0;
  const answer: Answer = async () => {
    if (++calls === 32) setImmediate(() => abort.abort());
    return 'x'.repeat(1024 * 1024);
  };
  await expect(run('deaf', answer, { signal: abort.signal })).rejects.toMatchObject({
    code: 'run_cancelled',
  });
  expect(calls).toBe(32);
});
