/**
 * The promised commands with state in Postgres and two workers: `npm run smoke:postgres`. The server is the one of
 * SKILLOS_POSTGRES_DSN if it is set, with a schema of its own; otherwise one that the test starts.
 */
import { mkdirSync } from 'node:fs';
import { Client } from 'pg';
import { openDeployment } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { startPostgres } from '../support/postgres.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { rootOf, smoke } from './smoke.ts';

const folder = tempFolder();
const OWN_DSN = process.env['SKILLOS_POSTGRES_DSN'];
const SCHEMA = `smoke_${Date.now()}`;
let deployment: Deployment;

beforeAll(async () => {
  const dsn = OWN_DSN ?? (await startPostgres()).dsn;
  mkdirSync(rootOf(folder)); // workers need it; `init` takes an empty one
  deployment = await openDeployment(rootOf(folder), {
    SKILLOS_STORAGE_BACKEND: 'postgres',
    SKILLOS_POSTGRES_DSN: dsn,
    SKILLOS_POSTGRES_SCHEMA: SCHEMA,
    SKILLOS_CACHE_DIR: `${folder}/cache`,
    SKILLOS_STATE_DIR: `${folder}/state`,
  });
  await Promise.all([deployment.startWorker(), deployment.startWorker()]);
});

afterAll(async () => {
  await deployment.close();
  if (OWN_DSN === undefined) return;
  const client = new Client({ connectionString: OWN_DSN });
  await client.connect();
  await client.query(`DROP SCHEMA ${SCHEMA} CASCADE`);
  await client.end();
});

smoke({ folder, env: () => deployment.env });
