/**
 * A process of its own on the state of a test: `state-worker <backend> <location> <task> …`. Tasks print one line of
 * JSON for each thing done; a SkillosError ends the process with its code and message as the last line.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openFileJournal } from '../../adapters/storage/files/file-journal.ts';
import { openFileRecords } from '../../adapters/storage/files/file-records.ts';
import { acquireLock } from '../../adapters/files/lock.ts';
import { openPostgresJournal } from '../../adapters/storage/postgres/postgres-journal.ts';
import { openPostgresRecords } from '../../adapters/storage/postgres/postgres-records.ts';
import { openPostgres } from '../../adapters/storage/postgres/postgres.ts';
import type { PostgresOptions } from '../../adapters/storage/postgres/postgres.ts';
import { claimRunId } from '../../client/runs/idempotency.ts';
import type { Journal } from '../../core/storage/journal.ts';
import type { Records } from '../../core/storage/records.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import { aRunClaim } from './run-claim.ts';

/** What was counted, and the last step of each writer that is in it. */
type Steps = { readonly n: number; readonly done: Readonly<Record<string, number>> };
type Counter = { readonly n: number; readonly padding?: string };

const [backend, location = '', task = '', ...args] = process.argv.slice(2);

const BACKENDS: Readonly<Record<string, { records(): Records; journal(): Journal }>> = {
  file: { records: () => openFileRecords(location), journal: () => openFileJournal(location) },
  /** The location is JSON: `{dsn, schema}`. */
  postgres: {
    records: () => openPostgresRecords(openPostgres(JSON.parse(location) as PostgresOptions)),
    journal: () => openPostgresJournal(openPostgres(JSON.parse(location) as PostgresOptions)),
  },
};

const TASKS: Readonly<Record<string, () => Promise<void>>> = {
  /** `<kind> <key> <times>` */
  increment: async () => {
    const [kind = '', key = '', times] = args;
    const records = opened().records();
    print({ begun: true });
    for (let i = 0; i < Number(times); i++) {
      await records.update<Counter>(kind, key, (current) => ({ n: (current?.n ?? 0) + 1 }));
    }
    print({ done: Number(times) });
  },
  /** `<kind> <key> <writer> <times>`: counts up and tries again where the store was away; each step counts once. */
  'count-through': async () => {
    const [kind = '', key = '', writer = '', times] = args;
    const records = opened().records();
    const step = (now: Steps = { n: 0, done: {} }, number: number): Steps =>
      now.done[writer] === number ? now : { n: now.n + 1, done: { ...now.done, [writer]: number } };
    for (let number = 1; number <= Number(times);) {
      try {
        await records.update<Steps>(kind, key, (now) => step(now, number));
        print({ number: number++ });
      } catch (error) {
        if (!isSkillosError(error, 'storage_unreachable')) throw error;
        print({ failed: error.message });
        await sleep(20);
      }
    }
  },
  /** `<kind>`: counts up in ten documents until killed; prints what was acknowledged. */
  'count-for-ever': async () => {
    const [kind = ''] = args;
    const records = opened().records();
    for (let i = 0; ; i++) {
      const key = `k${i % 10}`;
      const padding = 'x'.repeat((i * 7919) % 20_000);
      const stored = await records.update<Counter>(kind, key, (now) => ({ n: (now?.n ?? 0) + 1, padding }));
      print({ key, n: stored?.n ?? 0 });
    }
  },
  /** `<kind> <key> <bytes>` */
  put: async () => {
    const [kind = '', key = '', bytes] = args;
    await opened()
      .records()
      .update(kind, key, () => ({ padding: 'x'.repeat(Number(bytes)) }));
    print({ done: 1 });
  },
  /** `<log> <writer>`: appends until killed; prints what was acknowledged. */
  'append-for-ever': async () => {
    const [log = '', writer = ''] = args;
    const journal = opened().journal();
    for (let n = 0; ; n++) {
      await journal.append(log, [{ writer, n, padding: 'x'.repeat((n * 7919) % 20_000) }]);
      print({ n });
    }
  },
  /** `<log> <bytes>` */
  append: async () => {
    const [log = '', bytes] = args;
    await opened()
      .journal()
      .append(log, [{ padding: 'x'.repeat(Number(bytes)) }]);
    print({ done: 1 });
  },
  /** `<key> <times>`: claims a run under the key again and again; prints which run it stands for. */
  'claim-run': async () => {
    const [key = '', times] = args;
    const records = opened().records();
    for (let n = 0; n < Number(times); n++) {
      const runId = `mine-${process.pid}-${n}`;
      print(await claimRunId({ records, now: Date.now }, aRunClaim({ key, runId })));
    }
  },
  /** Takes the lock at `location` and keeps it. */
  lock: async () => {
    await acquireLock(location);
    print({ pid: process.pid });
    setInterval(() => undefined, 60_000);
  },
};

function opened(): { records(): Records; journal(): Journal } {
  const found = BACKENDS[backend ?? ''];
  if (found === undefined) throw new Error(`Unknown backend ${backend}`);
  return found;
}

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  await TASKS[task]?.();
} catch (error) {
  if (!isSkillosError(error)) throw error;
  print({ code: error.code, message: error.message });
  process.exitCode = 1;
}
