import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import { checkEntrypoint } from '../../../adapters/skill-code/check-entrypoints.ts';
import type { SkillHostOptions } from '../../../adapters/skill-host/host.ts';
import { openSkillHost } from '../../../adapters/skill-host/host.ts';
import type { SkillPool } from '../../../adapters/skill-host/pool.ts';
import type { ModelTier } from '../../../core/limits/budget.ts';
import type { JsonValue } from '../../../core/json.ts';
import type { SkillHooks, SkillLogLine } from '../../../core/runs/skill-host.ts';
import type { SkillRoot } from '../../support/skill-root.ts';
import { aSkillRoot, anEntry, buildSkillChild } from '../../support/skill-root.ts';
import { tempFolder } from '../../support/temp-folder.ts';

let childPath: string;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  childPath = await buildSkillChild(tempFolder());
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((item) => item.close()));
});

interface CallOptions extends Partial<SkillHooks> {
  readonly payload?: JsonValue;
  readonly tier?: ModelTier;
  readonly timeoutMs?: number;
  readonly hash?: string;
  readonly manifest?: Readonly<Record<string, unknown>>;
}

interface Bench {
  readonly root: SkillRoot;
  readonly host: SkillPool;
  readonly run: (name: string, options?: CallOptions) => Promise<unknown>;
}

/** Skills by name, each the text of a module, and a host that runs them. */
async function aBench(
  skills: Readonly<Record<string, string>>,
  options: Partial<SkillHostOptions> = {},
): Promise<Bench> {
  const files = Object.entries(skills).map(([name, text]) => [`implementations/test/${name}.ts`, text]);
  const root = await aSkillRoot(Object.fromEntries(files));
  const code = openSkillCode(root);
  const host = openSkillHost({
    ...root,
    childPath,
    processes: 4,
    memoryMb: 128,
    environment: process.env,
    ...options,
  });
  open.push({ close: () => host.close().then(() => root.remove()) });
  return {
    root,
    host,
    async run(name, { payload = '', timeoutMs = 20_000, manifest, hash: given, tier, ...hooks } = {}) {
      const hash = given ?? (await code.freeze(anEntry(name, manifest)));
      const text = await host.run(
        {
          runId: 'test-run',
          attempt: 2,
          idempotencyKey: 'key-1',
          principal: { subject: 'ada', roles: ['admin'] },
          ...(tier === undefined ? {} : { tier }),
          payload,
          step: {
            number: 3,
            skill: anEntry(name).id,
            name,
            hash,
            accepts: 'text',
            timeoutMs,
            repeatable: false,
            retry: { maxAttempts: 1, initialMs: 1, backoff: 1, maxIntervalMs: 1, nonRetryable: [] },
          },
        },
        {
          signal: new AbortController().signal,
          onLog: () => undefined,
          onHeartbeat: () => undefined,
          ...hooks,
        },
      );
      return JSON.parse(text) as unknown;
    },
  };
}

const ANSWERS_FINE = "if (payload === 'ok') return 'fine';";

function skill(body: string, head = ''): string {
  return `${head}\nexport async function run(payload, ctx) {\n  ${ANSWERS_FINE}\n  ${body}\n}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('run', () => {
  test('gives the skill its payload and context, and returns its JSON', async () => {
    const { run } = await aBench({
      all: `export function run(payload, ctx) {
        const { signal, log, heartbeat, attachments, connectors, ...rest } = ctx;
        return { payload, rest, aborted: signal.aborted, log: typeof log, heartbeat: typeof heartbeat, frozen: Object.isFrozen(ctx), files: attachments.list() };
      }`,
    });
    expect(await run('all', { payload: { query: 'ключ' }, manifest: { inputs: true } })).toEqual({
      payload: { query: 'ключ' },
      rest: {
        runId: 'test-run',
        step: 3,
        attempt: 2,
        idempotencyKey: 'key-1',
        principal: { subject: 'ada', roles: ['admin'] },
        tier: 'standard',
        secrets: {},
      },
      aborted: false,
      log: 'function',
      heartbeat: 'function',
      files: [],
      frozen: true,
    });
  });

  test('tells the skill which model tier it may use', async () => {
    const { run } = await aBench({ tier: 'export function run(_, ctx) { return ctx.tier; }' });
    expect(await run('tier')).toBe('standard');
    expect(await run('tier', { tier: 'cheap' })).toBe('cheap');
  });

  test('reuses a warm process for the same code and never for other code', async () => {
    const text = 'globalThis.calls = (globalThis.calls ?? 0) + 1; return [process.pid, globalThis.calls];';
    const { run } = await aBench({
      one: `export function run() { ${text} }`,
      two: `export function run() { ${text} /**/ }`,
    });
    const [pid, calls] = (await run('one')) as [number, number];
    expect(calls).toBe(1);
    expect(await run('one')).toEqual([pid, 2]);
    const [other, first] = (await run('two')) as [number, number];
    expect(other).not.toBe(pid);
    expect(first).toBe(1);
  });

  test.each([
    ['the working directory', "process.chdir('/')"],
    ['the environment', "process.env['SEEN'] = '1'"],
    [
      'a prototype',
      'Object.defineProperty(Array.prototype, "first", { get() { return this[0]; }, configurable: true })',
    ],
    ['a method', 'Math.random = () => 0'],
    ['a global', 'globalThis.setTimeout = () => 0'],
    [
      'a global, which throws now',
      "Object.defineProperty(globalThis, 'escape', { get() { throw new Error('mine'); } })",
    ],
    ['a timer', 'setTimeout(() => undefined, 60_000)'],
    ['a listener', "process.on('SIGUSR2', () => undefined)"],
  ])('does not reuse a process in which a call changed %s', async (_, change) => {
    const { run } = await aBench({
      leaky: `export function run() { const seen = process.pid; ${change}; return String(seen); }`,
    });
    const first = await run('leaky');
    expect(await run('leaky')).not.toBe(first);
  });

  test('reuses a process in which a call left what concerns no other', async () => {
    const { run } = await aBench({
      tidy: `process.env['LOADED'] = '1';
        export async function run() {
          globalThis.cache ??= new Response('x');
          setTimeout(() => undefined, 60_000).unref();
          clearTimeout(setTimeout(() => undefined, 60_000));
          await fetch('http://127.0.0.1:59999').catch(() => undefined);
          return process.pid;
        }`,
    });
    const first = await run('tidy');
    expect(await run('tidy')).toBe(first);
  });

  test('shows the skill a short environment, the root as its folder, and no input', async () => {
    const secrets = {
      SKILLOS_APPROVAL_TOKEN: 's',
      TEMPORAL_ADDRESS: 'a',
      NODE_OPTIONS: '',
      NODE_EXTRA_CA_CERTS: '/x',
      OPENAI_API_KEY: 'k',
    };
    const { run, root } = await aBench(
      {
        env: `import { readFileSync } from 'node:fs';
          export const run = () => [Object.keys(process.env).sort(), process.cwd(), readFileSync(0, 'utf8'), readFileSync('data.txt', 'utf8')];`,
      },
      {
        environment: {
          PATH: process.env['PATH'],
          HOME: '/home/x',
          LANG: 'C',
          TZ: 'UTC',
          TMPDIR: '/tmp',
          ...secrets,
        },
      },
    );
    await root.write('data.txt', 'data');
    expect(await run('env')).toEqual([
      ['HOME', 'LANG', 'PATH', 'SKILL_PROCESS', 'TMPDIR', 'TZ'],
      root.root,
      '',
      'data',
    ]);
  });

  test('keeps what a skill prints and logs, in lines and in order', async () => {
    const { run } = await aBench({
      talk: `import { writeSync } from 'node:fs';
        export function run(payload, ctx) {
          console.log('one\\ntwo');
          ctx.log('said', { n: 1 });
          ctx.log('odd', { big: 1n, rows: [Promise.resolve(1)] });
          console.error('bad');
          writeSync(1, Buffer.from('привет').subarray(0, 3)); writeSync(1, Buffer.from('привет').subarray(3));
          ctx.heartbeat(0.5); ctx.heartbeat(); 
          setTimeout(() => ctx.log('after the end'), 5);
        }`,
    });
    const lines: SkillLogLine[] = [];
    const beats: JsonValue[] = [];
    const hooks = {
      onLog: (line: SkillLogLine) => lines.push(line),
      onHeartbeat: (beat: JsonValue) => beats.push(beat),
    };
    expect(await run('talk', hooks)).toBe(null);
    const said = (stream: string) => lines.filter((line) => line.stream === stream);
    expect(said('stdout').map((line) => line.message)).toEqual(['one', 'two', 'привет']);
    expect(said('stderr').map((line) => line.message)).toEqual(['bad']);
    expect(said('log')).toEqual([
      { stream: 'log', message: 'said', fields: { n: 1 } },
      { stream: 'log', message: 'odd', fields: { big: '1n', rows: ['Promise { 1 }'] } },
    ]);
    expect(beats).toEqual([0.5, null]);
  });

  test.each([
    ['stdout', "console.log('x'.repeat(500))", 2100],
    ['stderr', "process.stderr.write('y'.repeat(5000))", 1000],
    ['ctx.log', "ctx.log('line')", 10_001],
  ])('cuts a flood on %s and says so', async (_, print, least) => {
    const { run } = await aBench({
      flood: skill(`for (let i = 0; i < 20_000; i++) ${print};\nreturn 'done';`),
    });
    const lines: string[] = [];
    expect(await run('flood', { onLog: ({ message }) => lines.push(message) })).toBe('done');
    expect(lines.at(-1)).toMatch(/^log cut: /);
    expect(lines.filter((line) => line.startsWith('log cut'))).toHaveLength(1);
    expect(lines.length).toBeLessThanOrEqual(least);
  });

  const murders: [string, string, string, RegExp, CallOptions?][] = [
    ['an infinite loop', 'for (;;);', 'skill_timeout', /did not return within 300 ms/, { timeoutMs: 300 }],
    ['a promise that something keeps open for ever', 'setInterval(() => 0, 1000); await new Promise(() => 0);', 'skill_timeout', /300 ms/, { timeoutMs: 300 }],
    ['a promise that nothing is left to settle', 'await new Promise(() => 0);', 'skill_failed', /waits for a promise/],
    ['process.exit(0)', 'process.exit(0);', 'skill_crashed', /exit code 0/],
    ['process.abort()', 'process.abort();', 'skill_crashed', /signal SIGABRT/],
    ['a kill of its own group', "process.kill(0, 'SIGKILL'); for (;;);", 'skill_crashed', /signal SIGKILL/],
    ['Buffers without end', 'const all = []; for (;;) all.push(Buffer.alloc(1e7, 1));', 'skill_out_of_memory', /memory/],
    ['objects without end', 'const all = []; for (;;) all.push({ all: [all.length] });', 'skill_out_of_memory', /memory/],
    ['small Buffers without end', 'const all = []; for (;;) all.push(Buffer.allocUnsafeSlow(2000).fill(1));', 'skill_out_of_memory', /memory/],
    ['a BigInt', 'return { total: 1n };', 'skill_output_invalid', /got a bigint at "\/total"/],
    ['a function', 'return () => 1;', 'skill_output_invalid', /got a function/],
    ['a symbol', "return [Symbol('x')];", 'skill_output_invalid', /got a symbol at "\/0"/],
    ['NaN', 'return { mean: 0 / 0 };', 'skill_output_invalid', /got NaN at "\/mean"/],
    ['a Map', 'return new Map([[1, 2]]);', 'skill_output_invalid', /got a Map/],
    ['a cycle', 'const a = {}; a.a = a; return a;', 'skill_output_invalid', /contains itself/],
    ['an endless nest', 'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a;', 'skill_output_invalid', /too deeply/],
    ['a toJSON that throws', "return { toJSON() { throw new Error('no'); } };", 'skill_output_invalid', /JSON: no/],
    ['a thrown text', "throw 'boom';", 'skill_failed', /Threw 'boom', which is not an Error/],
    ['a thrown nothing', 'throw undefined;', 'skill_failed', /Threw undefined/],
    ['a thrown trap', 'throw new Proxy({}, { has() { throw 1; }, get() { throw 1; }, getPrototypeOf() { throw 1; } });', 'skill_failed', /./],
    ['a rejection nobody handles', "void Promise.reject(new Error('stray')); return 1;", 'skill_failed', /stray \(implementations/],
    ['an exception in a callback', "setTimeout(() => { throw new Error('late'); }); await new Promise((r) => setTimeout(r, 5000));", 'skill_failed', /late \(implementations/],
    ['garbage in the channel', "require('node:fs').writeSync(3, Buffer.alloc(64, 255)); await new Promise(() => setTimeout(() => 0, 5000));", 'skill_crashed', /wrote to the reserved channel/],
    ['forged messages in the channel', "const body = JSON.stringify({ type: 'log' }); const head = Buffer.alloc(5); head.writeUInt32BE(body.length); require('node:fs').writeSync(3, head.toString('latin1') + body); await new Promise(() => setTimeout(() => 0, 5000));", 'skill_crashed', /wrote to the reserved channel/],
    ['a closed channel', "require('node:fs').closeSync(3); await new Promise((r) => setTimeout(r, 5000));", 'skill_crashed', /./, { timeoutMs: 3000 }],
    ['progress that is too large', "ctx.heartbeat('x'.repeat(20_000));", 'skill_failed', /RangeError: Expected progress/],
  ]; // prettier-ignore

  test.each(murders)('survives %s', async (_, body, code, message, options = {}) => {
    const { run } = await aBench({ bad: skill(body) });
    expect(await run('bad', { payload: 'ok' })).toBe('fine');
    await expect(run('bad', options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await run('bad', { payload: 'ok' })).toBe('fine');
  });

  test('survives a result of 50 MB', async () => {
    const { run } = await aBench({ bad: skill("return 'x'.repeat(50e6);") }, { memoryMb: 512 });
    await expect(run('bad')).rejects.toMatchObject({
      code: 'skill_output_too_large',
      message: expect.stringMatching(/at most 33554432 bytes/) as string,
    });
    expect(await run('bad', { payload: 'ok' })).toBe('fine');
  });

  test('goes on where a skill fails after it has returned', async () => {
    const { run } = await aBench({
      later: skill("setTimeout(() => Promise.reject(new Error('later')), 1); return process.pid;"),
    });
    const pid = (await run('later')) as number;
    await until(() => !isAlive(pid));
    expect(await run('later', { payload: 'ok' })).toBe('fine');
  });

  test('hands no call to a process that an earlier one has unusable', async () => {
    const { run } = await aBench({
      later: skill("setTimeout(() => { throw new Error('late'); }); return 1;"),
    });
    for (let round = 0; round < 20; round++) {
      const outcome = await run('later').catch((error: unknown) => (error as Error).message);
      expect([1, 'late (implementations/test/later.ts:4:26)']).toContain(outcome); // never a crash
    }
  });

  test('ends processes that a skill left behind', async () => {
    const { run } = await aBench({
      leave: `import { spawn } from 'node:child_process';
        export function run() {
          const child = spawn('sleep', ['600'], { stdio: 'inherit' });
          child.unref();
          return [process.pid, child.pid];
        }`,
    });
    const [pid = 0, child = 0] = (await run('leave')) as number[];
    await until(() => !isAlive(pid) && !isAlive(child));
    const [next] = (await run('leave')) as number[];
    expect(next).not.toBe(pid);
  });

  /** Ways to leave the process group; `sleeper.sh` writes its pid to a file and sleeps. */
  const DETACHING = {
    'a detached child': "spawn('sh', ['sleeper.sh'], { detached: true, stdio: 'ignore' }).unref();",
    'an orphan in a session of its own':
      "spawnSync('sh', ['-c', 'setsid sh sleeper.sh > /dev/null 2>&1 < /dev/null &']);",
    'one that holds the channel':
      "spawn('setsid', ['sh', 'sleeper.sh'], { stdio: ['ignore', 'ignore', 'ignore', 3] }).unref();",
  } as const;
  const ENDINGS = {
    returns: ['return 1;', 'fulfilled'],
    throws: ["throw new Error('no');", 'skill_failed'],
    exits: ['process.exit(0);', 'skill_crashed'],
    'takes too long': ['return new Promise((resolve) => setTimeout(resolve, 60_000));', 'skill_timeout'],
  } as const;

  test.each(
    Object.entries(DETACHING).flatMap(([how, start]) =>
      Object.entries(ENDINGS).map(([ending, [end, outcome]]) => [how, ending, start, end, outcome] as const),
    ),
  )('leaves no %s when the skill %s', async (_how, _ending, start, end, outcome) => {
    const { run, root } = await aBench({
      leave: `import { spawn, spawnSync } from 'node:child_process';
        import { existsSync } from 'node:fs';
        import { setTimeout as delay } from 'node:timers/promises';
        export async function run() { ${start} while (!existsSync('pids')) await delay(5); ${end} }`,
    });
    await root.write('sleeper.sh', 'echo $$ >> pids; exec sleep 600');
    const ended = run('leave', { timeoutMs: outcome === 'skill_timeout' ? 1000 : 20_000 });
    expect(
      await ended.then(
        () => 'fulfilled',
        ({ code }: { code: string }) => code,
      ),
    ).toBe(outcome);
    const pids = readFileSync(path.join(root.root, 'pids'), 'utf8').trim().split('\n').map(Number);
    expect(pids).toHaveLength(1);
    await until(() => !pids.some(isAlive)); // init takes its time to bury them
  });

  test('keeps its process warm for a skill that starts none', async () => {
    const { run } = await aBench({ quiet: 'export const run = () => process.pid;' });
    expect(await run('quiet')).toBe(await run('quiet'));
  });

  test('ends the processes that a skill waits for when its time is over', async () => {
    const { run, root } = await aBench({
      wait: `import { spawnSync } from 'node:child_process';
        export const run = () => spawnSync('sh', ['-c', 'echo $$ > pid; sleep 600']).status;`,
    });
    await expect(run('wait', { timeoutMs: 500 })).rejects.toMatchObject({ code: 'skill_timeout' });
    const pid = Number(readFileSync(path.join(root.root, 'pid'), 'utf8'));
    await until(() => !isAlive(pid)); // init takes its time to bury it
  });

  test.each([
    [
      'TypeError',
      "throw new TypeError('no')",
      'TypeError: no (implementations/test/bad.ts:4:9)',
      { name: 'TypeError' },
    ],
    ['Error', "throw new Error('no')", 'no (implementations/test/bad.ts:4:9)', { name: 'Error' }],
    [
      'a class of its own',
      "throw new NotFound('no')",
      'NotFound: no (implementations/test/bad.ts:4:9)',
      { name: 'NotFound' },
    ],
    [
      'PermanentError',
      "throw new PermanentError('no')",
      'PermanentError: no (implementations/test/bad.ts:4:9)',
      { name: 'PermanentError', permanent: true },
    ],
    [
      'RetryAfter',
      'throw new RetryAfter(1.5)',
      'RetryAfter: Try again in 1.5s (implementations/test/bad.ts:4:9)',
      { name: 'RetryAfter', retry_after_ms: 1500 },
    ],
    [
      'RetryAfter of no time',
      "throw new RetryAfter(NaN, 'no')",
      'RetryAfter: no (implementations/test/bad.ts:4:9)',
      { name: 'RetryAfter' },
    ],
    [
      'a cause',
      "throw new Error('no', { cause: new Error('why') })",
      'no (caused by why) (implementations/test/bad.ts:4:9)',
      { name: 'Error' },
    ],
    [
      'causes of causes, with codes and addresses',
      `throw new Error('no', { cause: new Error('why', { cause: new AggregateError([
        Object.assign(new Error('gone'), { code: 'ECONNRESET', address: '::1', port: 5 }), new Error('lost')]) }) })`,
      'no (caused by why, caused by AggregateError: [gone (ECONNRESET ::1:5); lost]) (implementations/test/bad.ts:4:9)',
      { name: 'Error' },
    ],
    ['a look-alike', "throw { message: 'no', name: 'Odd' }", 'Odd: no', { name: 'Odd' }],
  ])('names %s as it was thrown, with its place in the source', async (_, line, message, details) => {
    const { run } = await aBench({
      bad: `import { PermanentError, RetryAfter } from 'skillos'; class NotFound extends Error {}
        export function run(payload: string): number {
          // comments and types do not shift the place
  ${line};
        }`,
    });
    await expect(run('bad')).rejects.toMatchObject({ code: 'skill_failed', message, details });
  });

  test('names no folder of the server, and logs the stack of the user’s frames', async () => {
    const { run, root } = await aBench({
      bad: "import { readFileSync } from 'node:fs';\nimport path from 'node:path';\nexport const run = () => readFileSync(path.resolve('secret/none.txt'));",
    });
    const lines: string[] = [];
    const failure = run('bad', { onLog: ({ message }) => lines.push(message) });
    const message =
      "ENOENT: no such file or directory, open 'secret/none.txt' (implementations/test/bad.ts:3:26)";
    await expect(failure).rejects.toMatchObject({ message });
    expect(lines.join('\n')).toContain('at Object.run (implementations/test/bad.ts:3:26)');
    expect(lines.join('\n')).not.toContain(root.root);
    expect(lines.join('\n')).not.toMatch(/skill-child|skill-host|node:|\(\//);
  });

  test('logs the stacks of causes', async () => {
    const { run } = await aBench({
      bad: "const why = () => new Error('why');\nexport const run = () => { throw new Error('no', { cause: why() }); };",
    });
    const lines: string[] = [];
    const failure = run('bad', { onLog: ({ message }) => lines.push(message) });
    await expect(failure).rejects.toMatchObject({ code: 'skill_failed' });
    expect(lines).toContain('Caused by: Error: why');
    expect(lines).toContain('    at why (implementations/test/bad.ts:1:19)');
  });

  test.each([
    [
      'a module that throws',
      "throw new Error('at load');\nexport const run = () => 1;",
      'skill_failed',
      /at load \(implementations\/test\/bad.ts:1:7\)/,
    ],
    [
      'a module that never loads',
      'await new Promise(() => 0);\nexport const run = () => 1;',
      'skill_failed',
      /waits for a promise/,
    ],
    ['a module that loops', 'for (;;);\nexport const run = () => 1;', 'skill_timeout', /./],
    [
      'an export that is no function',
      'export const run = 1;',
      'entrypoint_invalid',
      /to be a function, got number/,
    ],
  ])('survives %s', async (_, text, code, message) => {
    const { run } = await aBench({ bad: text, good: 'export const run = () => 1;' });
    const call = () => run('bad', { timeoutMs: 1000 });
    await expect(call()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(call()).rejects.toMatchObject({ code });
    expect(await run('good')).toBe(1);
  });

  test('has no frozen code where the store has none', async () => {
    const { run } = await aBench({
      gone: 'export const run = () => 1;',
      good: 'export const run = () => 2;',
    });
    await expect(run('gone', { hash: 'f'.repeat(64) })).rejects.toMatchObject({ code: 'code_unavailable' });
    expect(await run('good')).toBe(2);
  });

  describe('schemas', () => {
    const inputs = {
      type: 'object',
      properties: { n: { type: 'integer' }, list: { type: 'array', items: { enum: ['a', 'b'] } } },
      required: ['n'],
      additionalProperties: false,
    };

    test.each([
      [{}, 'Payload does not fit inputs at "/": must have required property \'n\'', ''],
      [{ n: 'secret' }, 'Payload does not fit inputs at "/n": must be integer', '/n'],
      [
        { n: 1, list: ['a', 'c'] },
        'Payload does not fit inputs at "/list/1": must be equal to one of the allowed values: ["a","b"]',
        '/list/1',
      ],
      [{ n: 1, m: 1 }, 'Payload does not fit inputs at "/": must NOT have additional properties: "m"', ''],
    ])('refuse the payload %j', async (payload, message, place) => {
      const { run } = await aBench({ typed: 'export const run = ({ n }) => n;' });
      const manifest = { inputs };
      const refused = run('typed', { manifest, payload: payload as JsonValue });
      await expect(refused).rejects.toMatchObject({
        code: 'input_invalid',
        message,
        details: { path: place },
      });
      expect(await run('typed', { manifest, payload: { n: 2 } })).toBe(2);
    });

    test('refuse a result, by its JSON', async () => {
      const { run } = await aBench({
        typed: 'export const run = (payload) => ({ at: new Date(0), n: payload });',
      });
      const manifest = { outputs: { properties: { at: { type: 'string' }, n: { type: 'string' } } } };
      expect(await run('typed', { manifest, payload: 'x' })).toEqual({
        at: '1970-01-01T00:00:00.000Z',
        n: 'x',
      });
      const message = 'Result does not fit outputs at "/n": must be string';
      await expect(run('typed', { manifest, payload: 1 })).rejects.toMatchObject({
        code: 'skill_output_invalid',
        message,
      });
    });

    test('that are none fail by name', async () => {
      const { run } = await aBench({ typed: 'export const run = () => 1;' });
      await expect(run('typed', { manifest: { inputs: { type: 'banana' } } })).rejects.toMatchObject({
        code: 'manifest_invalid',
        message: expect.stringContaining('Field "inputs" is not a JSON Schema'),
      });
    });
  });

  describe('cancel', () => {
    test('reaches the skill, which may tidy up', async () => {
      const { run, root } = await aBench({
        tidy: `import { writeFileSync } from 'node:fs';
          export async function run(payload, { signal, heartbeat }) {
            heartbeat('ready');
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            writeFileSync('tidied', signal.reason.name);
            return 'too late';
          }`,
      });
      const abort = new AbortController();
      const call = run('tidy', { signal: abort.signal, onHeartbeat: () => abort.abort() });
      await expect(call).rejects.toMatchObject({ code: 'run_cancelled' });
      expect(readFileSync(path.join(root.root, 'tidied'), 'utf8')).toBe('AbortError');
    });

    test('ends a skill that does not listen after two seconds', async () => {
      const { run } = await aBench({
        deaf: skill("ctx.heartbeat('ready'); await new Promise((r) => setTimeout(r, 50)); for (;;);"),
      });
      const abort = new AbortController();
      const started = Date.now();
      const call = run('deaf', { signal: abort.signal, onHeartbeat: () => abort.abort() });
      await expect(call).rejects.toMatchObject({ code: 'run_cancelled' });
      expect(Date.now() - started).toBeGreaterThan(1900);
      expect(await run('deaf', { payload: 'ok' })).toBe('fine');
    });

    test('before the start starts nothing', async () => {
      const { run, root } = await aBench({
        effect:
          "import { writeFileSync } from 'node:fs'; export const run = () => writeFileSync('done', '');",
      });
      await expect(run('effect', { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'run_cancelled',
      });
      expect(existsSync(path.join(root.root, 'done'))).toBe(false);
    });

    test('of a call that waits for a process leaves the queue', async () => {
      const { run } = await aBench(
        { slow: skill("ctx.heartbeat(); await new Promise((r) => setTimeout(r, 300)); return 'slow';") },
        { processes: 1 },
      );
      const abort = new AbortController();
      const first = run('slow', { onHeartbeat: () => abort.abort() });
      const second = run('slow', { signal: abort.signal });
      const third = run('slow', { payload: 'ok' });
      await expect(second).rejects.toMatchObject({ code: 'run_cancelled' });
      expect(await first).toBe('slow');
      expect(await third).toBe('fine');
    });
  });

  test('aborts the signal at the timeout, right before the end', async () => {
    const { run, root } = await aBench({
      tidy: `import { writeFileSync } from 'node:fs';
        export async function run(payload, { signal }) {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          writeFileSync('tidied', '');
        }`,
    });
    await expect(run('tidy', { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'skill_timeout',
      details: { timeout_ms: 300 },
    });
    expect(existsSync(path.join(root.root, 'tidied'))).toBe(true);
  });

  test('takes a timeout longer than Node’s timers', async () => {
    const { run } = await aBench({ one: skill('await new Promise((r) => setTimeout(r, 20)); return 1;') });
    expect(await run('one', { timeoutMs: 90 * 24 * 3600 * 1000 })).toBe(1);
  });

  test('keeps what was printed before process.exit', async () => {
    const { run } = await aBench({
      last: "export function run() { for (let i = 0; i < 5000; i++) console.log('line ' + i); process.exit(3); }",
    });
    const lines: string[] = [];
    const crash = run('last', { onLog: ({ message }) => lines.push(message) });
    await expect(crash).rejects.toMatchObject({ code: 'skill_crashed', details: { exit_code: 3 } });
    expect(lines.at(-1)).toBe('line 4999');
  });

  test('starts afresh where memory was kept after a failure', async () => {
    const { run } = await aBench({
      hoard: skill('for (;;) all.push(Buffer.alloc(1e7, 1));', 'const all = [];'),
    });
    await expect(run('hoard')).rejects.toMatchObject({ code: 'skill_out_of_memory' });
    await expect(run('hoard')).rejects.toMatchObject({ code: 'skill_out_of_memory' });
    expect(await run('hoard', { payload: 'ok' })).toBe('fine');
  });

  test('says so where no process can be started, and recovers', async () => {
    const { run, root } = await aBench({
      one: 'export const run = () => process.pid;',
      two: 'export const run = () => 2;',
    });
    expect(typeof (await run('one'))).toBe('number');
    const hash = await openSkillCode(root).freeze(anEntry('two'));
    await rename(root.root, `${root.root}-moved`);
    const failures = Array.from({ length: 4 }, () => run('two', { hash }));
    await Promise.all(
      failures.map((failure) =>
        expect(failure).rejects.toMatchObject({
          code: expect.stringMatching(/^(internal|code_unavailable)$/),
        }),
      ),
    );
    await rename(`${root.root}-moved`, root.root);
    expect(await run('two')).toBe(2);
  });

  test('carries 30 MB either way', async () => {
    const { run } = await aBench({ echo: 'export const run = (payload) => payload;' }, { memoryMb: 512 });
    const payload = 'ж'.repeat(15_000_000);
    expect((await run('echo', { payload })) === payload).toBe(true);
  });

  test('runs at most as many processes as it may, and keeps the rest in order', async () => {
    const text = (name: string) =>
      `import { appendFileSync } from 'node:fs';
       export async function run(payload) { appendFileSync('log', '+${name}'); await new Promise((r) => setTimeout(r, 30)); appendFileSync('log', '-'); return process.pid; }`;
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { run, root } = await aBench(Object.fromEntries(names.map((name) => [name, text(name)])), {
      processes: 2,
    });
    const pids = await Promise.all([...names, ...names].map((name) => run(name)));
    expect(new Set(pids).size).toBeGreaterThanOrEqual(6);
    let running = 0;
    let most = 0;
    const log = readFileSync(path.join(root.root, 'log'), 'utf8');
    for (const mark of log) {
      running += mark === '+' ? 1 : mark === '-' ? -1 : 0;
      most = Math.max(most, running);
    }
    expect(most).toBeLessThanOrEqual(2);
    expect(log.match(/[a-f]/g)).toHaveLength(12);
  });

  test('runs one skill many times at once, each call in a process of its own', async () => {
    const { run } = await aBench(
      {
        many: `import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
          export async function run() {
            mkdirSync('here', { recursive: true });
            writeFileSync('here/' + process.pid, '');
            while (readdirSync('here').length < 8) await new Promise((resolve) => setTimeout(resolve, 10));
          }`,
      },
      { processes: 8 },
    );
    const calls = Array.from({ length: 8 }, () => run('many'));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 8 }, () => null));
  });

  test('serves a burst of short calls from few processes', async () => {
    const { run } = await aBench({ short: 'export const run = () => process.pid;' }, { processes: 64 });
    const pids = await Promise.all(Array.from({ length: 300 }, () => run('short')));
    expect(new Set(pids).size).toBeLessThanOrEqual(16);
  });

  test('lets no skill starve another', async () => {
    const { run } = await aBench(
      { busy: skill('await new Promise((r) => setTimeout(r, 20)); return 1;'), rare: skill('return 2;') },
      { processes: 1 },
    );
    const rare = new AbortController();
    const flood = async () => {
      while (!rare.signal.aborted) await run('busy');
    };
    const floods = [flood(), flood(), flood()];
    await run('busy');
    expect(await run('rare')).toBe(2);
    rare.abort();
    await Promise.all(floods);
  });

  test('says so where processes end before they listen, and does not try for ever', async () => {
    const broken = path.join(tempFolder(), 'broken.mjs');
    writeFileSync(broken, 'process.exit(1);');
    const { run } = await aBench({ one: 'export const run = () => 1;' }, { childPath: broken });
    const failures = [run('one'), run('one'), run('one')];
    await Promise.all(failures.map((failure) => expect(failure).rejects.toMatchObject({ code: 'internal' })));
  });

  test('ends a process that was idle for long', async () => {
    const { run } = await aBench({ one: 'export const run = () => process.pid;' }, { idleMs: 50 });
    const pid = (await run('one')) as number;
    expect(isAlive(pid)).toBe(true);
    await until(() => !isAlive(pid));
    expect(await run('one')).not.toBe(pid);
  });
});

describe('close', () => {
  test('ends every process, rejects what runs or waits, and takes no more calls', async () => {
    const { run, host } = await aBench(
      { slow: skill('ctx.heartbeat(process.pid); await new Promise((r) => setTimeout(r, 60_000));') },
      { processes: 1 },
    );
    let pid = 0;
    const calls = [run('slow', { onHeartbeat: (beat) => void (pid = beat as number) }), run('slow')];
    const ended = Promise.all(
      calls.map((call) => expect(call).rejects.toMatchObject({ code: 'skill_crashed' })),
    );
    await until(() => pid !== 0);
    await host.close();
    await ended;
    expect(isAlive(pid)).toBe(false);
    await expect(run('slow')).rejects.toMatchObject({ code: 'skill_crashed' });
  });
});

describe('openSkillHost', () => {
  test('says so where its program is not built', () => {
    const options = {
      storeDir: '/none',
      root: '/',
      childPath: '/none.mjs',
      processes: 1,
      memoryMb: 64,
      environment: {},
    };
    expect(() => openSkillHost(options)).toThrow('The program of skill processes is not built');
  });

  /** A worker in a process of its own: runs the skill once, prints the skill's process id, then does what is said. */
  async function aWorker(
    root: SkillRoot,
    hash: string,
    then: string,
  ): Promise<{ output: string; code: number | null }> {
    const outfile = path.join(tempFolder(), 'worker.mjs');
    await build({
      stdin: {
        contents: `
          import { openSkillHost } from './adapters/skill-host/host.ts';
          const host = openSkillHost(${JSON.stringify({ ...root, childPath, processes: 2, memoryMb: 128, environment: { PATH: process.env['PATH'] } })});
          const step = { number: 1, skill: 'test/x', name: 'x', hash: ${JSON.stringify(hash)}, timeoutMs: 20_000 };
          const call = { runId: 'r', attempt: 1, idempotencyKey: 'k', principal: { subject: 's', roles: [] }, payload: '', step };
          const say = (text) => process.stdout.write(text + ' ');
          const text = await host.run(call, { signal: new AbortController().signal, onLog() {}, onHeartbeat(pid) { say(pid); ${then} } });
          say(text);`,
        resolveDir: process.cwd(),
        loader: 'js',
      },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    const child = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { output, code };
  }

  test('lets its process end while the pool is idle, and its children with it', async () => {
    const { root } = await aBench({
      one: "export const run = async (p, ctx) => { ctx.heartbeat(process.pid); await new Promise((r) => setTimeout(r, 50)); return 'done'; };",
    });
    const hash = await openSkillCode(root).freeze(anEntry('one'));
    const { output, code } = await aWorker(root, hash, '');
    const [pid, result] = output.split(' ');
    expect(result).toBe('"done"');
    expect(code).toBe(0);
    await until(() => !isAlive(Number(pid)));
  });

  test.each([
    ['waits', 'await new Promise((r) => setTimeout(r, 60_000));'],
    ['loops', 'for (;;);'],
  ])('leaves no skill behind that %s when its process is killed', async (_, body) => {
    const { root } = await aBench({
      one: `export const run = async (p, ctx) => { ctx.heartbeat(process.pid); await new Promise((r) => setTimeout(r, 50)); ${body} };`,
    });
    const hash = await openSkillCode(root).freeze(anEntry('one'));
    const { output, code } = await aWorker(
      root,
      hash,
      "setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);",
    );
    expect(code).toBe(null);
    const pid = Number(output);
    expect(pid).toBeGreaterThan(0);
    await until(() => !isAlive(pid));
  });
});

describe('describe', () => {
  const schema = (convert: string) => `{ '~standard': { jsonSchema: { ${convert} } } }`;

  test.each([
    ['nothing', 'export const other = 1;', {}],
    ['an export that is no schema', "export const inputs = 'text';", {}],
    ['null', 'export const inputs = null;', {}],
    [
      'the schema of what goes in and of what comes out',
      `export const inputs = ${schema("input: ({ target }) => ({ $schema: 'x', title: target })")};
       export const outputs = ${schema('output: () => ({ type: "string" })')};`,
      { inputs: { title: 'draft-2020-12' }, outputs: { type: 'string' } },
    ],
  ])('finds %s', async (_, text, expected) => {
    const { root, host } = await aBench({ one: `${text}\nexport const run = () => 1;` });
    expect(await host.describe(await openSkillCode(root).freeze(anEntry('one')), 'test/one')).toEqual(
      expected,
    );
  });

  test.each([
    ['an older library', "{ '~standard': { version: 1 } }", 'expected zod 4.2 or newer'],
    [
      'what has no JSON Schema',
      schema("input: () => { throw new Error('no date'); }"),
      'JSON Schema: no date',
    ],
  ])('refuses %s', async (_, text, message) => {
    const { root, host } = await aBench({ one: `export const inputs = ${text}, run = () => 1;` });
    const hash = await openSkillCode(root).freeze(anEntry('one'));
    await expect(host.describe(hash, 'test/one')).rejects.toMatchObject({
      code: 'code_invalid',
      message: expect.stringContaining(message),
    });
  });
});

describe('checkEntrypoint', () => {
  test.each([
    ['a function', 'export const run = () => 1;', undefined],
    [
      'no such export',
      'export const main = () => 1;',
      { rule: 'entrypoint_invalid', message: expect.stringContaining('to export "run"') },
    ],
    [
      'no function',
      'export const run = 1;',
      { rule: 'entrypoint_invalid', message: expect.stringContaining('to be a function') },
    ],
    [
      'a syntax error',
      'export const run = (',
      { rule: 'code_invalid', message: expect.stringContaining('implementations/test/one.ts:1:') },
    ],
    [
      'a module that throws',
      "throw new Error('at load'); export const run = () => 1;",
      { rule: 'skill_failed', message: expect.stringContaining('at load') },
    ],
  ])('finds %s', async (_, text, finding) => {
    const { root, host } = await aBench({ one: text });
    const found = await checkEntrypoint(anEntry('one'), { code: openSkillCode(root), host });
    const place = {
      severity: 'error',
      file: 'metadata/test/one.yaml',
      field: 'entrypoint',
      skill: 'test/one',
    };
    expect(found).toEqual(finding && { ...place, ...finding });
  });
});
