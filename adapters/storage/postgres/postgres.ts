/** One pool of connections to Postgres for the whole process; `pg` is loaded with the first statement. */
import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import type { ErrorCode } from '../../../core/errors/error-codes.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { migrate } from './postgres-migrations.ts';

export interface PostgresOptions {
  /** A `postgres://` URL; its `sslmode` determines TLS. */
  readonly dsn: string;
  readonly schema: string;
}

export interface Postgres {
  /** The schema, quoted for statements. */
  readonly schema: string;
  /**
   * Runs one statement in its own transaction; the first call creates the tables. Rejects with
   * `storage_unreachable` for a fault that may pass and `storage_refused` or `storage_full` for one that lasts,
   * without address, statement or values in the message; if the connection broke, the change may have been made.
   */
  readonly query: (statement: QueryConfig) => Promise<QueryResult<Row>>;
  /** Waits for statements in progress. */
  readonly close: () => Promise<void>;
}

type Row = Readonly<Record<string, unknown>>;

const MAX_CONNECTIONS = 10;
/** Limit for connecting, and for getting a connection while all of the pool are busy. */
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** Limit for a server that has disappeared and cannot end its statements itself. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 3_000;

/** Start-up parameter that the driver sends for `STATEMENT_TIMEOUT_MS`. */
const PARAMETER = 'statement_timeout';

/** Reasons of failures by SQLSTATE, by the system's or TLS's code, or by the driver's own text. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^28|^SASL/, 'the user name or the password is refused'],
  [/^3D000$/, 'the database does not exist'],
  [/^42501$/, 'the user lacks a privilege'],
  [/^22(P05|021)$/, 'the encoding of the database cannot hold a character: expected UTF8'],
  [/^25006$/, 'the server takes no writes'],
  [
    /^08P01$/,
    `it or a pooler refuses a start-up parameter (PgBouncer: ignore_startup_parameters = ${PARAMETER})`,
  ],
  [/^pooler$/, 'a pooler gets no answer of the server'],
  [/^53100$/, 'the disk is full'],
  [/^53/, 'the server lacks resources'],
  [/^57014$/, `a statement took longer than ${STATEMENT_TIMEOUT_MS / 1000} s`],
  [/^57P/, 'the server is stopping or starting'],
  [/SSL|CERT|^UNABLE_TO_/, 'no TLS connection that can be trusted'],
  [/^E[A-Z_]+$|timeout/i, 'the server does not answer'],
  [/^Connection terminated/, 'the connection broke'],
];

/**
 * Faults that last: every SQLSTATE but those of classes 08 (08P01 lasts for a start-up parameter), 40, 55, 58 and XX, of a
 * standby (25006), and of a server that is short of memory or connections (53) or stops (57); also TLS that is not trusted.
 */
const LASTING = /^(?!08(?!P01)|25006|40|53|55|57(?!P04)|58)[0-9FP][0-9A-Z]{4}$|^SASL|SSL|CERT|^UNABLE_TO_/;
const FULL = '53100';

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
    // A process that does not close the pool must still end.
    allowExitOnIdle: true,
  });
  // A connection that breaks while idle has already left the pool; without a listener its error would end the
  // process.
  pool.on('error', () => undefined);
  return pool;
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // As for the pool: a connection that was taken from it needs its own listener.
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

/** Errors of `pg` may quote values or addresses, so only the code is passed on, without the cause. */
function postgresError(error: unknown): SkillosError {
  if (error instanceof SkillosError) return error;
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (code === 'ERR_INVALID_URL') {
    return new SkillosError('config_invalid', 'Invalid SKILLOS_POSTGRES_DSN: expected a postgres:// URL');
  }
  const fault = faultOf(code, message);
  const [, reason] = REASONS.find(([pattern]) => pattern.test(fault)) ?? [undefined, 'unexpected error'];
  const shown = code === undefined ? '' : ` (${code})`;
  return new SkillosError(codeOf(fault), `Cannot use Postgres: ${reason}${shown}`);
}

/** PgBouncer gives 08P01 to all errors of its own, and most of them pass, such as that its server restarts. */
function faultOf(code: string | undefined, message: string): string {
  return code === '08P01' && !/startup parameter/i.test(message) ? 'pooler' : (code ?? message);
}

function codeOf(code: string): ErrorCode {
  if (code === FULL) return 'storage_full';
  return LASTING.test(code) ? 'storage_refused' : 'storage_unreachable';
}
