/**
 * Memory that runs leave in the API, after a rest and a garbage collection: executed, watched, parked and cancelled ones.
 * Usage: npm run bench -- heap [runs]
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packageFile } from '../adapters/machine/package.ts';
import { startServerInMemory } from '../tests/support/temporal-server.ts';
import type { Bench } from './bench.ts';
import { fixed } from './measure.ts';
import { makeRoot } from './stage.ts';

const LANES = 16;
const WARM_UP = 200;
/** Time for long polls, timers and connections to end. */
const REST_MS = 20_000;

/** Preloaded into the API: SIGUSR2 collects garbage and prints the bytes in use. */
const REPORT = `process.on('SIGUSR2', () => {
  gc(); gc();
  process.stderr.write('heap ' + process.memoryUsage().heapUsed + '\\n');
})`;

const KINDS: Readonly<Record<string, (api: Api) => Promise<void>>> = {
  executed: async ({ post }) => void (await post('/skills/bench.echo/run', { payload: 'hello' })),
  watched: async ({ post, url }) => {
    const { run_id: run } = await post('/skills/bench.echo/run', { payload: 'hello', wait_seconds: 0 });
    await (await fetch(`${url}/runs/${run}/events`)).text();
  },
  parked: async ({ post }) => {
    const { run_id: run } = await post('/skills/bench.pay/run', { payload: 'hello', wait_seconds: 30 });
    await post(`/runs/${run}/cancel`);
  },
  cancelled: async ({ post }) => {
    const { run_id: run } = await post('/skills/bench.slow/run', { payload: 'hello', wait_seconds: 0 });
    await post(`/runs/${run}/cancel`);
  },
};

export const heapBench: Bench = {
  summary: 'memory that runs leave in the API, by kind; [runs]',
  run: async ([runs = '1500']) => {
    const root = makeRoot();
    addSkill(root, 'pay', 'side_effects: destructive\n');
    addSkill(
      root,
      'slow',
      '',
      "import { setTimeout } from 'node:timers/promises';\nexport const run = (_: string, { signal }: { signal: AbortSignal }) => setTimeout(60_000, undefined, { signal });\n",
    );
    const temporal = await startServerInMemory();
    const env = {
      SKILLOS_ROOT: root,
      SKILLOS_CACHE_DIR: join(root, '.cache'),
      SKILLOS_RATE_LIMIT_ENABLED: '0',
      SKILLOS_BUDGET_DAILY: '1000000',
      SKILLOS_BUDGET_MONTHLY: '1000000',
      TEMPORAL_ADDRESS: temporal.address,
    };
    const worker = await started(['worker'], env);
    const { child, line } = await started(['serve', '--port', '0'], env);
    try {
      await measure(apiOf(child, line), Number(runs));
    } finally {
      for (const process of [child, worker.child]) process.kill();
      await temporal.stop();
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

async function measure(api: Api, runs: number): Promise<void> {
  process.stdout.write('heap of the API after rest     before (MB)  after (MB)  bytes a run\n');
  for (const [kind, perform] of Object.entries(KINDS)) {
    await repeat(WARM_UP, () => perform(api));
    const before = await heapAfterRest(api);
    await repeat(runs, () => perform(api));
    const after = await heapAfterRest(api);
    const [from, to] = [before, after].map((bytes) => fixed(bytes / 1024 / 1024).padStart(12));
    const each = ((after - before) / runs).toFixed(0).padStart(12);
    process.stdout.write(`${`${runs} ${kind}`.padEnd(30)}${from}${to}${each}\n`);
  }
}

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next++ < times) await work();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function heapAfterRest({ child }: Api): Promise<number> {
  await delay(REST_MS);
  const chunks = on(child.stderr as NodeJS.ReadableStream, 'data', { close: ['end'] });
  child.kill('SIGUSR2');
  let text = '';
  for await (const [chunk] of chunks as AsyncIterable<[Buffer]>) {
    text += chunk.toString();
    const bytes = /heap (\d+)\n/.exec(text)?.[1];
    if (bytes !== undefined) return Number(bytes);
  }
  throw new Error(`The API ended: ${text}`);
}

interface Api {
  readonly child: ChildProcess;
  readonly url: string;
  readonly post: (path: string, body?: object) => Promise<{ readonly run_id: string }>;
}

function apiOf(child: ChildProcess, line: string): Api {
  const url = /http:\S+/.exec(line)?.[0] ?? '';
  return {
    child,
    url,
    async post(path, body = {}) {
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`${path} answers ${reply.status}: ${text}`);
      return JSON.parse(text) as { readonly run_id: string };
    },
  };
}

async function started(argv: readonly string[], env: NodeJS.ProcessEnv) {
  const preload = `data:text/javascript,${encodeURIComponent(REPORT)}`;
  const node = ['--expose-gc', '--import', preload, packageFile('dist/skillos.mjs'), ...argv];
  const child = spawn(process.execPath, node, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, line: line.toString() };
}

function addSkill(
  root: string,
  name: string,
  manifest: string,
  code = 'export const run = () => 1;\n',
): void {
  const head = `id: bench/${name}\nname: ${name}\ndescription: For a benchmark\nversion: 1.0.0\n`;
  const entrypoint = `entrypoint: implementations.bench.${name}:run\n`;
  writeFileSync(join(root, 'metadata', 'bench', `${name}.yaml`), head + entrypoint + manifest);
  writeFileSync(join(root, 'implementations', 'bench', `${name}.ts`), code);
}
