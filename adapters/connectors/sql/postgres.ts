/** Postgres: each call is one statement in a transaction of its own, on the pool of its connector. */
import type { Pool, PoolClient, PoolConfig } from 'pg';
import type { SqlSpec } from '../../../core/connectors/connector.ts';
import { readQuery, tooLate, verbOf } from '../../../core/connectors/sql/query.ts';
import type { SqlQuery } from '../../../core/connectors/sql/query.ts';
import { SkillosError, isSkillosError } from '../../../core/errors/errors.ts';
import type { Connector, ConnectorPorts } from '../connector.ts';
import { withDeadline } from '../deadline.ts';
import { connectError, statementError } from './postgres-errors.ts';
import { runStatement } from './postgres-rows.ts';
import type { Answered, Driver } from './postgres-rows.ts';

const MAX_CONNECTIONS = 5;
const IDLE_MS = 30_000;
const CANCEL_TIMEOUT_MS = 5_000;

interface OpenPool {
  readonly dsn: string;
  readonly config: PoolConfig;
  readonly pool: Pool;
  /** Those that have not ended. */
  readonly calls: Set<Promise<unknown>>;
}

/** The dsn is resolved for each call; another value opens another pool. */
export async function openPostgresConnector(
  { id, dsn: dsnText = '', timeoutMs }: SqlSpec,
  { resolveSecret }: ConnectorPorts,
): Promise<Connector> {
  const { default: driver } = await import('pg');
  let opened: OpenPool | undefined;

  async function withPool<T>(work: (open: OpenPool) => Promise<T>): Promise<T> {
    const dsn = await resolveSecret(id, dsnText);
    if (opened?.dsn !== dsn) {
      const former = opened;
      opened = openPool(driver, { id, dsn, timeoutMs });
      void endPool(former);
    }
    const { calls } = opened;
    const call = work(opened);
    calls.add(call);
    try {
      return await call;
    } finally {
      calls.delete(call);
    }
  }

  return {
    async call(operation, args, { signal, isReadOnly }) {
      const query = readQuery(id, operation, args);
      const expired = () => tooLate(id, timeoutMs);
      const { rows, rowCount, bytes } = await withDeadline(
        { ms: timeoutMs, signal, expired },
        ({ signal: deadline }) =>
          withPool(async ({ pool, config }) => {
            const client = await connect(pool, id, deadline);
            return inTransaction({ driver, client, config, id, query, isReadOnly, deadline });
          }),
      );
      return {
        value: { rows, row_count: rowCount },
        facts: { method: verbOf(query.sql), host: 'postgres', bytes },
      };
    },
    async close() {
      const last = opened;
      opened = undefined;
      await endPool(last);
    },
  };
}

function openPool(
  driver: Driver,
  { id, dsn, timeoutMs }: { id: string; dsn: string; timeoutMs: number },
): OpenPool {
  if (!/^postgres(ql)?:\/\//.test(dsn)) {
    const expected = 'expected postgres://user:password@host:port/database';
    throw new SkillosError('connector_invalid', `Connector "${id}": invalid dsn: ${expected}`);
  }
  const config = {
    connectionString: dsn,
    application_name: 'skillos',
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    keepAlive: true,
  };
  const limits = { max: MAX_CONNECTIONS, idleTimeoutMillis: IDLE_MS, allowExitOnIdle: true };
  const pool = new driver.Pool({ ...config, ...limits });
  // A connection that breaks has left the pool already, and its statement rejects; without listeners its error ends the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return { dsn, config, pool, calls: new Set() };
}

/** After its calls: a pool that is ended gives no connection to those that wait for one. */
async function endPool(open: OpenPool | undefined): Promise<void> {
  if (open === undefined) return;
  await Promise.allSettled(open.calls);
  await open.pool.end();
}

async function connect(pool: Pool, id: string, deadline: AbortSignal): Promise<PoolClient> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw connectError(id, error);
  }
  if (!deadline.aborted) return client;
  client.release();
  throw deadline.reason;
}

interface Call {
  readonly driver: Driver;
  readonly client: PoolClient;
  readonly config: PoolConfig;
  readonly id: string;
  readonly query: SqlQuery;
  readonly isReadOnly: boolean;
  readonly deadline: AbortSignal;
}

/** Gives the connection back to the pool, or closes it if its state is not known. */
async function inTransaction(call: Call): Promise<Answered> {
  const { client, id, deadline } = call;
  const onAbort = (): void => void abandon(call);
  deadline.addEventListener('abort', onAbort, { once: true });
  try {
    await client.query(call.isReadOnly ? 'BEGIN READ ONLY' : 'BEGIN');
    const answered = await runStatement(call);
    await client.query('COMMIT');
    if (!deadline.aborted) void giveBack(client, 'DISCARD ALL');
    return answered;
  } catch (error) {
    if (deadline.aborted) throw deadline.reason;
    if (isSkillosError(error))
      void abandon(call); // the answer is too large, and still arriving
    else void giveBack(client, 'ROLLBACK', 'DISCARD ALL');
    throw statementError(id, error);
  } finally {
    deadline.removeEventListener('abort', onAbort);
  }
}

/** What a statement has set, such as a role, must not reach the next call. */
async function giveBack(client: PoolClient, ...statements: readonly string[]): Promise<void> {
  try {
    for (const statement of statements) await client.query(statement);
    client.release();
  } catch {
    client.release(true);
  }
}

/** Asks the server to end the statement, and closes the connection. */
async function abandon({ driver, client, config }: Call): Promise<void> {
  const { processID: pid } = client as unknown as { readonly processID: number }; // not in the types of pg
  const canceller = new driver.Client({ ...config, connectionTimeoutMillis: CANCEL_TIMEOUT_MS });
  canceller.on('error', () => undefined);
  try {
    await canceller.connect();
    await canceller.query('SELECT pg_cancel_backend($1)', [pid]);
  } catch {
    // The statement ends at its own timeout.
  } finally {
    client.release(true);
    await canceller.end().catch(() => undefined);
  }
}
