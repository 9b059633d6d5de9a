/**
 * `skillos storage gc` over many old runs with a log each, and what others notice of it: changes of a document and of a blob.
 * On Postgres too, if SKILLOS_POSTGRES_DSN is set.
 * Usage: npm run bench -- gc [runs]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTime } from 'ulid';
import { packageFile } from '../adapters/machine/package.ts';
import { openState } from '../adapters/storage/state.ts';
import type { JsonObject } from '../core/json.ts';
import { parseConfig } from '../core/settings/config.ts';
import { runKey, runLogName } from '../core/values/run-id.ts';
import type { Bench } from './bench.ts';
import { inFreshSchema } from './fresh-schema.ts';
import { fixed, quantile, timed } from './measure.ts';

/** So long ago that all runs are removed. */
const FIRST_RUN = Date.now() - 100 * 24 * 60 * 60 * 1000;
const SCHEMA = 'skillos_bench_gc';
const BATCH = 10_000;

export const gcBench: Bench = {
  summary: 'removal of old runs on files and on Postgres (SKILLOS_POSTGRES_DSN); [runs]',
  run: async ([runs = '100000']) => {
    const root = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
    const env = { ...process.env, SKILLOS_ROOT: root };
    try {
      mkdirSync(join(root, 'metadata'));
      makeFiles(root, Number(runs));
      await measure({ ...env, SKILLOS_STORAGE_BACKEND: 'file' });
      const dsn = process.env['SKILLOS_POSTGRES_DSN'];
      if (dsn !== undefined) await onPostgres(dsn, env, Number(runs));
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

function makeFiles(root: string, runs: number): void {
  const [records, logs] = [join(root, 'runtime', 'records', 'runs'), join(root, 'logs')];
  for (const folder of [records, join(logs, 'runs')]) mkdirSync(folder, { recursive: true });
  for (let n = 0; n < runs; n++) {
    writeFileSync(join(records, `${runKey(idOf(n))}.json`), `${JSON.stringify(runOf(n))}\n`);
    writeFileSync(join(logs, `${runLogName(idOf(n))}.jsonl`), '\t{"text":"x"}\n');
  }
}

async function onPostgres(dsn: string, env: NodeJS.ProcessEnv, runs: number): Promise<void> {
  await inFreshSchema({ dsn, schema: SCHEMA, env }, async (client, own) => {
    for (let n = 0; n < runs; n += BATCH) {
      const rows = Array.from({ length: Math.min(BATCH, runs - n) }, (_, index) => {
        const id = idOf(n + index);
        return [runKey(id), JSON.stringify(runOf(n + index)), runLogName(id), n + index];
      });
      await client.query(
        `WITH given AS (SELECT row FROM json_array_elements($1::json) AS rows (row)),
          runs AS (INSERT INTO ${SCHEMA}.records (kind, key, value) SELECT 'runs', row ->> 0, (row ->> 1)::json FROM given)
        INSERT INTO ${SCHEMA}.journal (log, seq, entry, bytes)
        SELECT row ->> 2, (row ->> 3)::bigint + 1, '{"text":"x"}', 12 FROM given`,
        [JSON.stringify(rows)],
      );
    }
    await client.query('ANALYZE');
    await measure(own);
  });
}

async function measure(env: NodeJS.ProcessEnv): Promise<void> {
  const state = openState(parseConfig(env));
  const began = performance.now();
  const child = spawn(process.execPath, [packageFile('dist/skillos.mjs'), 'storage', 'gc'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  const ended = once(child, 'close').then(() => performance.now() - began);
  const series: Record<string, number[]> = { 'change a document': [], 'put a blob': [] };
  for (let n = 0; child.exitCode === null; n++) {
    const change = () => state.records.update('runs', 'bench', () => ({ ...runOf(0), status: 'running', n }));
    series['change a document']?.push(await timed(change));
    series['put a blob']?.push(await timed(() => state.blobs.put(Buffer.from(`blob ${n % 10}`))));
  }
  const { [0]: line = '' } = said.split('\n');
  process.stdout.write(`${env['SKILLOS_STORAGE_BACKEND']}: ${fixed(await ended)} ms\n  ${line}\n`);
  for (const [what, times] of Object.entries(series)) {
    const figures = [0.5, 0.99, 1].map((part) => fixed(quantile(times, part)));
    process.stdout.write(`  meanwhile: ${what}, p50, p99 and most: ${figures.join(', ')} ms\n`);
  }
  await state.close();
}

function idOf(n: number): string {
  return `bench.skill-${encodeTime(FIRST_RUN + n, 10)}${'0'.repeat(16)}`;
}

function runOf(n: number): JsonObject {
  const at = new Date(FIRST_RUN + n).toISOString();
  const principal = { subject: 'ann', roles: ['operator'], via: 'local' };
  const steps = [{ number: 1, skill: 'bench/skill', hash: 'a'.repeat(64), cost: 10_000 }];
  const end = { status: 'success', output: { value: 'x'.repeat(200) }, endedAt: at };
  return { id: idOf(n), skill: 'bench/skill', tenant: 'default', principal, steps, createdAt: at, ...end };
}
