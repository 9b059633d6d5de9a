/**
 * Receiving webhooks, beside starting the same skill over the API: both without waiting, one after another. Then refusals of
 * a wrong signature under load. No worker runs. Usage: npm run bench -- webhooks [deliveries] [seconds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { packageFile } from '../adapters/machine/package.ts';
import { schemeOf } from '../core/webhooks/scheme.ts';
import { startServerInMemory } from '../tests/support/temporal-server.ts';
import type { Bench } from './bench.ts';
import { quantile, timed } from './measure.ts';

const CONNECTIONS = 20;
const PAYLOAD = JSON.stringify({ payload: '  too   many    spaces  ' });

export const webhooksBench: Bench = {
  summary: 'deliveries beside runs over the API, and refusals; [deliveries] [seconds]',
  run: async ([deliveries = '300', seconds = '10']) => {
    const root = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
    cpSync('skills/metadata', join(root, 'metadata'), { recursive: true });
    cpSync('skills/implementations', join(root, 'implementations'), { recursive: true });
    mkdirSync(join(root, 'triggers'));
    writeFileSync(
      join(root, 'triggers', 'webhooks.json'),
      JSON.stringify({ webhooks: [{ id: 'hook', skill_id: 'ops/first' }] }),
    );
    const temporal = await startServerInMemory();
    const server = spawn(process.execPath, [packageFile('dist/skillos.mjs'), 'serve', '--port', '0'], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        SKILLOS_ROOT: root,
        SKILLOS_CACHE_DIR: root,
        SKILLOS_RATE_LIMIT_ENABLED: '0',
        SKILLOS_WEBHOOK_SECRET: 'sesame',
        TEMPORAL_ADDRESS: temporal.address,
        NODE_ENV: 'production',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(server.stdout, 'data')) as [Buffer];
      const url = /http:\S+/.exec(line.toString())?.[0] ?? '';
      await compare(url, Number(deliveries));
      await refusals(url, Number(seconds));
    } finally {
      server.kill();
      await temporal.stop();
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

/** In turns, so that both meet the same machine. */
async function compare(url: string, deliveries: number): Promise<void> {
  const run = { ...JSON.parse(PAYLOAD), wait_seconds: 0 } as object;
  const times = { run: [] as number[], webhook: [] as number[] };
  for (let number = 0; number < deliveries + WARM_UP; number++) {
    const ran = await timed(() => post(`${url}/skills/ops/first/run`, JSON.stringify(run), {}));
    const received = await timed(() => post(`${url}/webhooks/hook`, PAYLOAD, signed('sesame')));
    if (number < WARM_UP) continue;
    times.run.push(ran);
    times.webhook.push(received);
  }
  const [runMs, webhookMs] = [quantile(times.run, 0.5), quantile(times.webhook, 0.5)];
  process.stdout.write(
    `POST /skills/ops/first/run p50 ${runMs.toFixed(1)} ms, POST /webhooks/hook p50 ${webhookMs.toFixed(1)} ms: ` +
      `${(webhookMs / runMs).toFixed(2)} times\n`,
  );
}

const WARM_UP = 20;

async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  await reply.arrayBuffer();
  if (reply.status !== 202) throw new Error(`Expected 202 of ${url}, got ${reply.status}`);
}

async function refusals(url: string, seconds: number): Promise<void> {
  for (const trigger of ['hook', 'unknown']) {
    const { requests, latency, statusCodeStats } = await autocannon({
      url: `${url}/webhooks/${trigger}`,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signed('wrong') },
      body: PAYLOAD,
      connections: CONNECTIONS,
      duration: seconds,
    });
    const statuses = Object.keys(statusCodeStats ?? {}).join(', ');
    process.stdout.write(
      `refusals, trigger ${trigger}: ${requests.average.toFixed(0)}/s, p50 ${latency.p50} ms, p99 ${latency.p99} ms, status ${statuses}\n`,
    );
  }
}

function signed(secret: string): Readonly<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000);
  return schemeOf('skillos').headers({ secret, body: Buffer.from(PAYLOAD), now, id: '' });
}
