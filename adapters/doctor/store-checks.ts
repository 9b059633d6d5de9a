/** What `skillos doctor` asks Postgres and Redis. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../core/settings/config.ts';
import type { Check, Problem } from '../../core/telemetry/diagnosis.ts';
import { openRedis } from '../redis/redis.ts';
import { openPostgres } from '../storage/postgres/postgres.ts';

/** Larger differences make leases, schedules and expiries wrong. */
const MAX_CLOCK_DIFFERENCE_MS = 2_000;
const PATIENCE_MS = 1_000;

/** No checks of stores that the settings do not use. */
export function storeChecks(config: Config, now: () => number): readonly Check[] {
  const { storageBackend, redisUrl } = config;
  return [
    ...(storageBackend === 'postgres' ? [{ name: 'postgres', run: () => postgres(config, now) }] : []),
    ...(redisUrl === undefined
      ? []
      : [{ name: 'redis', run: () => redis(redisUrl, config.cachePrefix, now) }]),
  ];
}

/** The first statement applies missing migrations, and rejects if the schema is newer than this SkillOS. */
async function postgres(
  { postgresDsn = '', postgresSchema: schema }: Config,
  now: () => number,
): Promise<readonly Problem[]> {
  const database = openPostgres({ dsn: postgresDsn, schema });
  try {
    await database.query({ text: 'SELECT 1' }); // connects, so that the next statement is a round trip alone
    const before = now();
    const { rows } = await database.query({
      text: 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms',
    });
    const difference = Math.round(Number(rows[0]?.['ms']) - (before + now()) / 2);
    if (Math.abs(difference) <= MAX_CLOCK_DIFFERENCE_MS) return [];
    const message = `The clocks of this machine and of Postgres differ by ${Math.abs(difference)} ms`;
    return [{ message, remedy: 'Run a time service such as chrony on both machines' }];
  } finally {
    await database.close();
  }
}

/** A single late answer, after 50 ms, is no problem yet. */
async function redis(url: string, prefix: string, now: () => number): Promise<readonly Problem[]> {
  const store = await openRedis(url, prefix);
  const deadline = now() + PATIENCE_MS;
  try {
    for (;;) {
      try {
        await store.probe();
        return [];
      } catch (error) {
        if (now() > deadline) throw error;
        await sleep(50);
      }
    }
  } finally {
    store.close();
  }
}
