/**
 * Calls of a connector by a skill, from its process through the worker, beside the same requests by undici in the worker:
 * in turns, with one and with 32 in flight, to a server in a process of its own. Then the worker's memory over many calls
 * of one step. Usage: npm run bench -- connectors [calls] [rounds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pool } from 'undici';
import { openRunLog } from '../activities/run-log.ts';
import { callText } from '../core/connectors/connector-text.ts';
import type { CallReport } from '../core/connectors/connector.ts';
import type { FrozenStep } from '../core/plans/plan.ts';
import type { SkillHooks } from '../core/runs/skill-host.ts';
import { parseSkillId } from '../core/values/skill-id.ts';
import type { Bench } from './bench.ts';
import { quantile } from './measure.ts';
import { stagePorts } from './stage.ts';

const WIDTHS = [1, 32];
const STEP_CALLS = 1000;
/** A worker that has just started runs unoptimised code for some thousand calls. */
const WARM_UP = 3000;

export const connectorsBench: Bench = {
  summary: 'calls of a connector beside undici, 1 and 32 in flight, and memory; [calls] [rounds]',
  run: async ([calls = '1000', rounds = '5']) => {
    const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    const url = `http://127.0.0.1:${port.toString().trim()}`;
    const root = makeRoot(url);
    const skill = await openSkill(root);
    const pool = new Pool(url);
    try {
      for (const width of WIDTHS) {
        await compare({ width, calls: Number(calls), rounds: Number(rounds) }, [
          { name: 'undici in the worker', run: (load) => lanes(load, () => viaUndici(pool)) },
          { name: 'ctx.connectors', run: skill.run },
        ]);
      }
      await memory(skill.run);
    } finally {
      await pool.close();
      await skill.close();
      server.kill();
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

/** Answers every request with about 200 bytes of JSON. */
const SERVER = `
const body = JSON.stringify({ city: 'Rome', days: Array.from({ length: 10 }, (_, day) => ({ day, high: 20 })) });
const server = require('node:http').createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

const SKILL = `
export async function run(payload, ctx) {
  const { calls, width } = JSON.parse(payload);
  const times = [];
  let left = calls;
  const lane = async () => {
    while (left-- > 0) {
      const start = performance.now();
      await ctx.connectors.local.request({ path: '/today' });
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return times;
}
`;

function makeRoot(url: string): string {
  const root = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
  const files = {
    'metadata/bench/calls.yaml':
      'id: bench/calls\nname: Calls\ndescription: Calls a connector\nversion: 1.0.0\nentrypoint: implementations.bench.calls:run\nconnectors: [local]\n',
    'implementations/bench/calls.ts': SKILL,
    'connectors/local.yaml': `id: local\nbase_url: ${url}\nallow_private: true\n`,
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

interface Load {
  readonly calls: number;
  readonly width: number;
}

/** Resolves to the milliseconds of each call. */
type Run = (load: Load) => Promise<readonly number[]>;

async function lanes({ calls, width }: Load, call: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  let left = calls;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const start = performance.now();
      await call();
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return times;
}

async function viaUndici(pool: Pool): Promise<unknown> {
  const { body } = await pool.request({ path: '/today', method: 'GET' });
  return body.json();
}

/** One step per load, with what a worker does for its calls. */
async function openSkill(root: string): Promise<{ readonly run: Run; close(): Promise<void> }> {
  const ports = stagePorts(root);
  const id = parseSkillId('bench/calls');
  const entry = await ports.catalogs.find(id);
  if (entry === undefined) throw new Error('Expected the bench skill');
  const step: FrozenStep = {
    number: 1,
    skill: id,
    name: 'calls',
    hash: await (await ports.definitions()).code.freeze(entry),
    accepts: 'text',
    timeoutMs: 600_000,
    retry: { maxAttempts: 1, initialMs: 1000, backoff: 2, maxIntervalMs: 1000, nonRetryable: [] },
    repeatable: false,
    connectors: ['local'],
  };
  const signal = new AbortController().signal;
  let runs = 0;
  const run: Run = async (load) => {
    const runId = `bench-${runs++}`;
    const log = openRunLog(ports, runId, { step: 1, attempt: 1 });
    const onReport = (call: CallReport): void => {
      log.write({ stream: 'connector', message: callText(call), fields: { ...call } });
      ports.events.emit({
        event: 'integration_call',
        request_id: runId,
        connector_id: call.connector,
        status: 'success',
        latency_ms: call.ms,
        method: call.method,
        host: call.host,
        bytes: call.bytes,
        skill_id: id,
      });
    };
    const hooks: SkillHooks = {
      signal,
      onLog: log.write,
      onHeartbeat: () => undefined,
      onConnectorCall: (call, abort) =>
        ports.connectors.call(call, { declared: ['local'], isReadOnly: false, signal: abort, onReport }),
    };
    const principal = { subject: 'bench', roles: [] };
    const payload = JSON.stringify(load);
    const call = { runId, step, attempt: 1, idempotencyKey: runId, principal, payload };
    const text = await ports.host.run(call, hooks);
    await log.close();
    return JSON.parse(text) as number[];
  };
  return { run, close: () => ports.close() };
}

interface Side {
  readonly name: string;
  readonly run: Run;
}

async function compare(load: Load & { readonly rounds: number }, sides: readonly Side[]): Promise<void> {
  const times = new Map<string, { readonly each: number[]; wall: number }>();
  for (const { run } of sides) await run({ ...load, calls: WARM_UP });
  for (let round = 0; round < load.rounds; round++) {
    for (const { name, run } of sides) {
      const start = performance.now();
      const measured = await run(load);
      const { each, wall } = times.get(name) ?? { each: [], wall: 0 };
      times.set(name, { each: [...each, ...measured], wall: wall + performance.now() - start });
    }
  }
  for (const [name, { each, wall }] of times) {
    const [p50, p99] = [quantile(each, 0.5), quantile(each, 0.99)];
    const figures = `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${(wall / each.length).toFixed(2)} ms a call`;
    process.stdout.write(`${load.width} in flight, ${name.padEnd(21)} ${figures}\n`);
  }
}

/** Bytes in use after a collection, before and after steps of many calls. */
async function memory(run: Run): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): string => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    return `${mib(heapUsed + external)} MiB in use, ${mib(rss)} MiB resident`;
  };
  process.stdout.write(`worker before: ${used()}\n`);
  for (let step = 1; step <= 3; step++) {
    await run({ calls: STEP_CALLS, width: 32 });
    process.stdout.write(`worker after a step of ${STEP_CALLS} calls: ${used()}\n`);
  }
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
