/**
 * `Records`, `Journal` and `Blobs` on files and, where SKILLOS_POSTGRES_DSN is set, on that Postgres.
 * Usage: npm run bench -- storage [rounds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { openState } from '../adapters/storage/state.ts';
import type { State } from '../adapters/storage/state.ts';
import { LIMITS_KIND } from '../core/limits/limits.ts';
import type { Limits } from '../core/limits/limits.ts';
import { parseConfig } from '../core/settings/config.ts';
import type { Bench } from './bench.ts';
import { fixed, quantile, timed } from './measure.ts';

const CONTENDED = 200;
const BLOB_BYTES = 1024 * 1024;

export const storageBench: Bench = {
  summary: 'documents, logs and blobs on files and on Postgres (SKILLOS_POSTGRES_DSN); [rounds]',
  run: async ([rounds = '500']) => {
    const root = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
    const backends = process.env['SKILLOS_POSTGRES_DSN'] ? ['file', 'postgres'] : ['file'];
    try {
      for (const backend of backends) await measure(backend, root, Number(rounds));
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

async function measure(backend: string, root: string, rounds: number): Promise<void> {
  const config = { ...process.env, SKILLOS_ROOT: root, SKILLOS_STORAGE_BACKEND: backend };
  const state = openState(parseConfig(config));
  const kind = `bench-${ulid().toLowerCase()}`;
  const one = (key: string) => increment(state, kind, key);
  process.stdout.write(
    `${backend}: first use ${fixed(await timed(() => state.records.get(kind, 'none')))} ms\n`,
  );
  await series('make a document', rounds, (round) => one(`k${round}`));
  await series('change a document', rounds, (round) => one(`k${round}`));
  await series('read a document', rounds, (round) => state.records.get(kind, `k${round}`));
  await series('append to a log', rounds, (n) => state.journal.append(kind, [{ n }]));
  await series('put 1 MiB', Math.min(rounds, 50), (n) => state.blobs.put(Buffer.alloc(BLOB_BYTES, n)));
  const together = await timed(() => Promise.all(Array.from({ length: CONTENDED }, () => one('contended'))));
  process.stdout.write(`  ${CONTENDED} changes of one document at once, together ${fixed(together)} ms\n`);
  for (const processes of [1, 2, 8, 32]) await contend(config, processes);
  await state.close();
}

/** Claims 200 runs of one tenant at once from several processes; each adds its reservation to the one document. */
async function contend(env: NodeJS.ProcessEnv, processes: number): Promise<void> {
  const state = openState(parseConfig(env));
  await state.records.update(LIMITS_KIND, 'default', () => undefined);
  const script = join(import.meta.dirname, 'reserve.ts');
  const children = Array.from({ length: processes }, (_, index) => {
    const times = Math.floor((CONTENDED + index) / processes);
    return spawn(process.execPath, ['--import', 'tsx', script, String(times)], {
      env: { ...env, SKILLOS_BUDGET_DAILY: '1000', SKILLOS_BUDGET_MONTHLY: '1000' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  });
  const ended = Promise.all(children.map((child) => once(child, 'exit')));
  const said = () => Promise.all(children.map((child) => once(child.stdout, 'data')));
  await said();
  const took = await timed(() => {
    for (const child of children) child.stdin.write('go');
    return said();
  });
  await ended;
  const { reservations } = (await state.records.get<Limits>(LIMITS_KIND, 'default')) as Limits;
  const held = Object.keys(reservations).length;
  process.stdout.write(
    `  ${held} reservations at once by ${processes} processes, together ${fixed(took)} ms\n`,
  );
  await state.close();
}

function increment({ records }: State, kind: string, key: string): Promise<unknown> {
  return records.update<{ n: number }>(kind, key, (now) => ({ n: (now?.n ?? 0) + 1 }));
}

async function series(name: string, rounds: number, act: (round: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timed(() => act(round)));
  const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)].map(fixed);
  process.stdout.write(`  ${name.padEnd(20)} p50 ${p50} ms  p95 ${p95} ms\n`);
}
