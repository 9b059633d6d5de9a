/**
 * The API under load, beside a bare Koa handler: requests a second, latency, memory.
 * Usage: npm run bench -- api [seconds]
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import type { ClientRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';
import { packageFile } from '../adapters/machine/package.ts';
import { startServerInMemory } from '../tests/support/temporal-server.ts';
import type { Bench } from './bench.ts';

const CONNECTIONS = 50;
const FOLLOWERS = 1000;
const MANY = 100_000;
/** Time for a heartbeat or two, and for garbage collection after the load. */
const REST_MS = 30_000;

export const apiBench: Bench = {
  summary: 'the REST API under load, beside a bare Koa handler; [seconds]',
  run: async ([seconds = '10']) => {
    const folder = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
    const temporal = await startServerInMemory();
    const bare = await started(process.execPath, ['--import', 'tsx', 'bench/bare-koa.ts'], {});
    const api = await started(process.execPath, [packageFile('dist/skillos.mjs'), 'serve', '--port', '0'], {
      SKILLOS_ROOT: process.env['SKILLOS_ROOT'] ?? './skills',
      SKILLOS_CACHE_DIR: folder,
      SKILLOS_RATE_LIMIT_ENABLED: '0',
      TEMPORAL_ADDRESS: temporal.address,
      NODE_ENV: 'production',
    });
    try {
      await compare({ api, bare, seconds: Number(seconds) });
      await flatness(api);
      await followers(api);
    } finally {
      for (const { child } of [api, bare]) child.kill();
      await temporal.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    return 0;
  },
};

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
}

async function started(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Served> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const url = /http:\S+/.exec(line.toString())?.[0];
  if (url === undefined) throw new Error(`Expected an address, got ${line.toString()}`);
  return { child, url };
}

async function compare({
  api,
  bare,
  seconds,
}: {
  api: Served;
  bare: Served;
  seconds: number;
}): Promise<void> {
  const routed = JSON.stringify({ query: 'Find flights to Sochi' });
  const rows: readonly (readonly [string, string, string?])[] = [
    ['bare Koa, GET', `${bare.url}/`],
    ['GET /health', `${api.url}/health`],
    ['GET /health/live', `${api.url}/health/live`],
    ['bare Koa, POST', `${bare.url}/`, routed],
    ['POST /run, routed', `${api.url}/run`, routed],
    ['GET /skills', `${api.url}/skills`],
  ];
  for (const [name, url, body] of rows) {
    await load({ url, body, duration: 1 }); // warm
    const { requests, latency, non2xx, errors } = await load({ url, body, duration: seconds });
    process.stdout.write(
      `${name.padEnd(20)}${requests.average.toFixed(0).padStart(8)}/s  p50 ${latency.p50} ms  p99 ${latency.p99} ms` +
        `${non2xx + errors > 0 ? `  ${non2xx} refused, ${errors} failed` : ''}\n`,
    );
  }
}

interface Load {
  readonly url: string;
  readonly body?: string | undefined;
  readonly duration?: number;
  readonly amount?: number;
}

function load({ url, body, ...extent }: Load): Promise<autocannon.Result> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body } as const;
  return autocannon({ url, connections: CONNECTIONS, ...extent, ...(body === undefined ? {} : post) });
}

async function flatness({ child, url }: Served): Promise<void> {
  const body = JSON.stringify({ query: 'Find flights to Sochi' });
  const samples = [residentMb(child)];
  for (let round = 0; round < 4; round++) {
    await load({ url: `${url}/run`, body, amount: MANY / 4 });
    samples.push(residentMb(child));
  }
  const shown = samples.map((mb) => mb.toFixed(0)).join(', ');
  process.stdout.write(`memory over ${MANY} POST /run: ${shown} MB\n`);
}

/** Follows a run that no worker takes, so that only heartbeats are sent. */
async function followers({ child, url }: Served): Promise<void> {
  const reply = await fetch(`${url}/skills/ops.first/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"wait_seconds":0}',
  });
  const { run_id: runId } = (await reply.json()) as { readonly run_id: string };
  const before = residentMb(child);
  const requests = await Promise.all(
    Array.from({ length: FOLLOWERS }, () => follow(`${url}/runs/${runId}/events`)),
  );
  const atOnce = residentMb(child);
  await delay(REST_MS);
  const shown = [before, atOnce, residentMb(child)].map((mb) => mb.toFixed(0));
  process.stdout.write(
    `${FOLLOWERS} idle followers: ${shown[2]} MB after ${REST_MS / 1000} s, ${shown[1]} at once, ${shown[0]} without\n`,
  );
  for (const request of requests) request.destroy();
}

async function follow(url: string): Promise<ClientRequest> {
  const request = get(url, { agent: false });
  request.on('error', () => undefined); // destroyed at the end
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
  await once(response, 'data');
  return request;
}

function residentMb({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}
