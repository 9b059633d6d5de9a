/** One pool of connections to Postgres for the whole process; `pg` is loaded with the first statement. */
import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import { SkillosError } from '../core/errors.ts';
import { migrate } from './postgres-migrations.ts';

export interface PostgresOptions {
  /** A `postgres://` URL; TLS as its `sslmode` says. */
  readonly dsn: string;
  readonly schema: string;
}

export interface Postgres {
  /** The schema, quoted for statements. */
  readonly schema: string;
  /**
   * One statement in a transaction of its own; the first call makes the tables. Rejects with `storage_unreachable`
   * without a word of address, statement or values; what it was to change may have changed if the connection broke.
   */
  readonly query: (statement: QueryConfig) => Promise<QueryResult<Row>>;
  /** Waits for statements under way. */
  readonly close: () => Promise<void>;
}

type Row = Readonly<Record<string, unknown>>;

const MAX_CONNECTIONS = 10;
/** To connect, or to get a connection of the pool while all are busy. */
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** For a server that has gone without a word and cannot end its statements itself. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 3_000;

/** Why a statement failed, by SQLSTATE, by the system's or TLS's code, or by the driver's own text. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^28|^SASL/, 'the user name or the password is refused'],
  [/^3D000$/, 'the database does not exist'],
  [/^42501$/, 'the user lacks a privilege'],
  [/^53100$/, 'the disk is full'],
  [/^53/, 'the server lacks resources'],
  [/^57014$/, `a statement took longer than ${STATEMENT_TIMEOUT_MS / 1000} s`],
  [/^57P/, 'the server stops or starts'],
  [/SSL|CERT|^UNABLE_TO_/, 'no TLS connection that can be trusted'],
  [/^E[A-Z_]+$|timeout/i, 'the server does not answer'],
  [/^Connection terminated/, 'the connection broke'],
];

export function openPostgres({ dsn, schema }: PostgresOptions): Postgres {
  let opening: Promise<Pool> | undefined;
  let migrating: Promise<void> | undefined;
  const open = async (): Promise<Pool> => {
    opening ??= openPool(dsn);
    const pool = await opening;
    migrating ??= withClient(pool, (client) => migrate(client, schema)).catch((error: unknown) => {
      migrating = undefined; // the next statement tries again
      throw error;
    });
    await migrating;
    return pool;
  };
  return {
    schema: `"${schema}"`,
    query: async (statement) => {
      try {
        const pool = await open();
        return await pool.query<Row>(statement);
      } catch (error) {
        throw postgresError(error);
      }
    },
    close: async () => {
      const pool = await opening;
      opening = undefined;
      await pool?.end();
    },
  };
}

async function openPool(dsn: string): Promise<Pool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: dsn,
    application_name: 'skillos',
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    // Whoever forgets to close must not hang.
    allowExitOnIdle: true,
  });
  // A connection that breaks while idle has left the pool by now; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // As for the pool: who has taken a connection out of it listens himself.
  const onError = (): void => undefined;
  client.on('error', onError);
  let isBroken = true;
  try {
    const result = await work(client);
    isBroken = false;
    return result;
  } finally {
    client.off('error', onError);
    client.release(isBroken); // a broken one is closed, which ends its transaction too
  }
}

/** The text of what `pg` throws may quote values or addresses, so its code alone is passed on, and no cause. */
function postgresError(error: unknown): SkillosError {
  if (error instanceof SkillosError) return error;
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (code === 'ERR_INVALID_URL') {
    return new SkillosError('config_invalid', 'Invalid SKILLOS_POSTGRES_DSN: expected a postgres:// URL');
  }
  const [, reason] = REASONS.find(([told]) => told.test(code ?? message)) ?? [undefined, 'unexpected error'];
  const shown = code === undefined ? '' : ` (${code})`;
  return new SkillosError('storage_unreachable', `Cannot use Postgres: ${reason}${shown}`);
}
