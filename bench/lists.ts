/**
 * First pages of lists, as whole processes: 100,000 runs and 1,000,000 audit entries on files; on Postgres, if
 * SKILLOS_POSTGRES_DSN is set, as many runs and entries as the second argument says.
 * Usage: npm run bench -- lists [runs on files] [runs on Postgres] [path of another skillos.mjs to measure]
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { packageFile } from '../adapters/machine/package.ts';
import type { JsonObject } from '../core/json.ts';
import { endedRun } from '../core/learning/ended-runs.ts';
import type { RunRecord } from '../core/runs/run.ts';
import { runKey } from '../core/values/run-id.ts';
import type { Bench } from './bench.ts';
import { inFreshSchema } from './fresh-schema.ts';
import { fixed, quantile } from './measure.ts';

const AUDIT_ENTRIES = 1_000_000;
const ROUNDS = 5;
/** A command that takes longer counts as not finished. */
const PATIENCE_MS = 60_000;
const BATCH = 10_000;
const FIRST_RUN = Date.UTC(2026, 0, 1);
/** Creates the index on files. */
const FIRST_LIST = 'runs list --status blocked';
const SCHEMA = 'skillos_bench_lists';
const JOURNAL = 'journal (log, seq, entry, bytes)';

export const listsBench: Bench = {
  summary: 'first pages of lists on files and on Postgres (SKILLOS_POSTGRES_DSN); [runs] [on Postgres] [cli]',
  run: async ([onFiles = '100000', onPostgres = '100000', cli = packageFile('dist/skillos.mjs')]) => {
    const root = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
    const env = { ...process.env, SKILLOS_ROOT: root, SKILLOS_STORAGE_BACKEND: 'file' };
    const dsn = process.env['SKILLOS_POSTGRES_DSN'] ?? '';
    try {
      makeFiles(root, Number(onFiles));
      measure({ cli, env, runs: Number(onFiles), name: 'files' });
      if (dsn !== '') await onPostgresOf(dsn, { cli, env, runs: Number(onPostgres), name: 'Postgres' });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

interface Subject {
  readonly cli: string;
  readonly env: NodeJS.ProcessEnv;
  readonly runs: number;
  readonly name: string;
}

/** Writes the records of runs on files without syncing each; the first list creates the index. */
export function makeRuns(root: string, runs: number): void {
  const folder = join(root, 'runtime', 'records', 'runs');
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < runs; n++) {
    writeFileSync(join(folder, `${runKey(idOf(n))}.json`), `${JSON.stringify(runOf(n))}\n`);
  }
}

function makeFiles(root: string, runs: number): void {
  makeRuns(root, runs);
  makeEnds(root, runs);
  const audit = join(root, 'logs', 'audit');
  mkdirSync(audit, { recursive: true });
  for (let n = 0; n < AUDIT_ENTRIES; n += BATCH) {
    const lines = Array.from({ length: BATCH }, (_, index) => `\t${JSON.stringify(entryOf(n + index))}\n`);
    appendFileSync(join(audit, 'default.jsonl'), lines.join(''));
  }
}

/** The log that metrics read. */
function makeEnds(root: string, runs: number): void {
  const folder = join(root, 'logs', 'runs-ended');
  mkdirSync(folder, { recursive: true });
  const lines = endsOf(runs).map((end) => `\t${JSON.stringify(end)}\n`);
  writeFileSync(join(folder, 'default.jsonl'), lines.join(''));
}

function endsOf(runs: number): readonly JsonObject[] {
  return Array.from({ length: runs }, (_, n) => endedRun(runOf(n) as unknown as RunRecord) ?? []).flat();
}

async function onPostgresOf(dsn: string, subject: Subject): Promise<void> {
  await inFreshSchema({ dsn, schema: SCHEMA, env: subject.env }, async (client, env) => {
    await insert(client, subject.runs, 'records (kind, key, value)', (n) => [
      'runs',
      runKey(idOf(n)),
      runOf(n),
    ]);
    const entry = (n: number) => ['audit/default', n, entryOf(n), 300];
    await insert(client, AUDIT_ENTRIES, JOURNAL, entry);
    const ends = endsOf(subject.runs);
    await insert(client, ends.length, JOURNAL, (n) => ['runs-ended/default', n, ends[n] ?? {}, 300]);
    await client.query('ANALYZE');
    measure({ ...subject, env });
  });
}

async function insert(
  client: Client,
  count: number,
  into: string,
  rowOf: (n: number) => readonly (string | number | JsonObject)[],
): Promise<void> {
  for (let n = 0; n < count; n += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - n) }, (_, index) => rowOf(n + index));
    await client.query(
      `INSERT INTO ${SCHEMA}.${into} SELECT ${columnsOf(into)} FROM json_array_elements($1::json) AS rows (row)`,
      [JSON.stringify(rows)],
    );
  }
}

function columnsOf(into: string): string {
  return into.startsWith('records')
    ? 'row ->> 0, row ->> 1, row -> 2'
    : 'row ->> 0, (row ->> 1)::bigint + 1, row -> 2, (row ->> 3)::integer';
}

function idOf(n: number): string {
  return `ops.skill-${n % 40}-${timeOf(FIRST_RUN + n * 1000)}${String(n).padStart(16, '0')}`;
}

/** The first ten characters of a ULID: the time, to base 32. */
function timeOf(ms: number): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let text = '';
  for (let rest = ms; text.length < 10; rest = Math.floor(rest / 32)) text = digits.charAt(rest % 32) + text;
  return text;
}

/** Of 500 runs one waits for people, one runs and 25 have failed; one of 50 belongs to another tenant. */
function runOf(n: number): JsonObject {
  const createdAt = new Date(FIRST_RUN + n * 1000).toISOString();
  const status =
    n % 500 === 1 ? 'awaiting_approval' : n % 500 === 2 ? 'running' : n % 20 === 0 ? 'error' : 'success';
  const hash = 'b'.repeat(64);
  const value = 'x'.repeat(400);
  const requirement = {
    policy: 'destructive',
    reasons: ['destructive: skill "ops/skill"'],
    approvers: [],
    nOf: 1,
    allowSelf: true,
    timeoutMs: 3_600_000,
    proof: false,
    signals: true,
  };
  return {
    id: idOf(n),
    executionId: '5f0c6a52-6f3e-4a63-8f9c-3c1b6c1f0f11',
    status,
    skill: `ops/skill-${n % 40}`,
    tenant: n % 50 === 3 ? 'acme' : 'default',
    principal: { subject: n % 1000 === 4 ? 'bob' : 'ann', roles: ['operator'], via: 'local' },
    digest: hash,
    steps: [{ number: 1, skill: `ops/skill-${n % 40}`, hash, cost: 100 }],
    claim: { key: `${idOf(n)}/5f0c6a52`, tier: 'standard', stepCost: 100 },
    cost: 100,
    createdAt,
    startedAt: createdAt,
    ...(status === 'awaiting_approval'
      ? { approval: { requirement, digest: hash, input: { value }, since: createdAt, decisions: [] } }
      : {}),
    ...(status === 'success' ? { output: { value }, succeeded: [1] } : {}),
    ...(status === 'error'
      ? { reason: 'skill_failed', error: { code: 'skill_failed', message: 'It failed' } }
      : {}),
    ...(status === 'success' || status === 'error' ? { endedAt: createdAt } : {}),
  };
}

function entryOf(n: number): JsonObject {
  return {
    id: `entry-${n}`,
    at: new Date(FIRST_RUN + n * 100).toISOString(),
    tenant: 'default',
    actor: { subject: n % 1000 === 4 ? 'bob' : 'ann', roles: ['operator'], via: 'local' },
    action: n % 10_000 === 5 ? 'circuit_reset' : 'run_allowed',
    way: 'worker',
    run: idOf(n),
    skill: `ops/skill-${n % 40}`,
    digest: 'b'.repeat(64),
  };
}

function measure(subject: Subject): void {
  const { runs, name } = subject;
  const lastHour = new Date(FIRST_RUN + (runs - 3600) * 1000).toISOString();
  const lastAudited = new Date(FIRST_RUN + (AUDIT_ENTRIES - 3600) * 100).toISOString();
  const middle = idOf(Math.floor(runs / 2));
  const start = took(subject, ['-e', '0'], ROUNDS);
  process.stdout.write(
    `${name}: ${runs} runs, ${AUDIT_ENTRIES} audit entries; ms beyond the start of Node (${fixed(start).trim()} ms)\n`,
  );
  for (const line of [
    '--version',
    FIRST_LIST,
    'runs list',
    'runs list --status error',
    'runs list --status cancelled',
    'runs list --status running',
    'runs list --status error --status cancelled',
    'runs list --skill ops/skill-7',
    'runs list --skill ops/skill-7 --status error',
    `runs list --since ${lastHour}`,
    `runs list --after ${middle}`,
    `runs list --status error --after ${middle}`,
    'approvals list',
    'audit list',
    'audit list --action circuit_reset',
    'audit list --subject bob',
    'audit list --subject nobody',
    `audit list --run ${idOf(7)}`,
    `audit list --since ${lastAudited}`,
    'metrics --since 3650d',
  ]) {
    const isFirst = line === FIRST_LIST;
    process.stdout.write(`  ${line.replace(middle, '<middle>').padEnd(48)}`);
    process.stdout.write(
      `${fixed(took(subject, [subject.cli, ...line.split(' ')], isFirst ? 1 : ROUNDS) - start)}\n`,
    );
  }
}

/** Median in milliseconds; infinite if it does not end. */
function took({ env }: Subject, argv: readonly string[], rounds: number): number {
  const times = Array.from({ length: rounds }, () => {
    const begun = performance.now();
    const { status, stderr, error } = spawnSync(process.execPath, argv, { env, timeout: PATIENCE_MS });
    if (error !== undefined && (error as NodeJS.ErrnoException).code !== 'ETIMEDOUT') throw error;
    if (error !== undefined) return Infinity;
    if (status !== 0) throw new Error(`${argv.join(' ')} ended ${status}: ${stderr.toString()}`);
    return performance.now() - begun;
  });
  return quantile(times, 0.5);
}
