/** A schema of Postgres with the tables of SkillOS, for a benchmark that fills them itself. */
import { Client } from 'pg';
import { openState } from '../adapters/storage/state.ts';
import { parseConfig } from '../core/settings/config.ts';

export interface FreshSchema {
  readonly dsn: string;
  readonly schema: string;
  /** Environment of the processes that are to use it. */
  readonly env: NodeJS.ProcessEnv;
}

/** Calls `work` with the environment for the empty schema, which is dropped before and afterwards. */
export async function inFreshSchema(
  { dsn, schema, env }: FreshSchema,
  work: (client: Client, env: NodeJS.ProcessEnv) => Promise<void>,
): Promise<void> {
  const own = { ...env, SKILLOS_STORAGE_BACKEND: 'postgres', SKILLOS_POSTGRES_SCHEMA: schema };
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    const state = openState(parseConfig(own));
    await state.records.get('runs', 'none'); // creates the tables
    await state.close();
    await work(client, own);
  } finally {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await client.end();
  }
}
