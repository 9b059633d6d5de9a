/** SQLite: one call at a time, in a thread that is ended if a call takes too long. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { SqlSpec } from '../../../core/connectors/connector.ts';
import {
  MAX_ROWS,
  MAX_SQL_BYTES,
  readQuery,
  tooLate,
  tooManyBytes,
  tooManyRows,
  verbOf,
} from '../../../core/connectors/sql/query.ts';
import { sqliteValues } from '../../../core/connectors/sql/statement.ts';
import { SkillosError, isSkillosError } from '../../../core/errors/errors.ts';
import { realpathBelow, safeJoin } from '../../files/files.ts';
import { acquireLock } from '../../files/lock.ts';
import type { Lock } from '../../files/lock.ts';
import { packageFile } from '../../machine/package.ts';
import type { Connector, ConnectorAnswer, ConnectorPorts } from '../connector.ts';
import { withDeadline } from '../deadline.ts';
import type { FromThread, ToThread } from './sqlite-messages.ts';

const MEMORY = ':memory:';
const THREAD = 'dist/sqlite-thread.mjs';
const MAX_HEAP_MB = 256;

export async function openSqliteConnector(
  { id, databasePath, timeoutMs }: SqlSpec,
  { root }: ConnectorPorts,
): Promise<Connector> {
  const thread = new SqliteThread();
  let last: Promise<unknown> = Promise.resolve();

  return {
    async call(operation, args, { signal, isReadOnly }) {
      const { sql, params } = readQuery(id, operation, args);
      const values = sqliteValues(sql, params);
      const expired = () => tooLate(id, timeoutMs);
      return withDeadline({ ms: timeoutMs, signal, expired }, ({ signal: deadline }) => {
        const turn = last.then(async () => {
          deadline.throwIfAborted();
          const file =
            databasePath === MEMORY ? undefined : await fileOf({ id, root, databasePath, isReadOnly });
          const message = { file, sql, values, isReadOnly, maxRows: MAX_ROWS, maxBytes: MAX_SQL_BYTES };
          const lock = file === undefined ? undefined : await lockOf(id, file, timeoutMs);
          try {
            return answerOf(id, sql, await thread.execute(message, deadline));
          } finally {
            await lock?.release();
          }
        });
        last = turn.catch(() => undefined);
        return turn;
      });
    },
    async close() {
      await last; // a definition may change during a call
      await thread.close();
    },
  };
}

class SqliteThread {
  #worker: Worker | undefined;

  /** Rejects with the reason of the deadline, after the thread has ended. */
  async execute(message: ToThread, deadline: AbortSignal): Promise<FromThread> {
    deadline.throwIfAborted();
    const worker = (this.#worker ??= this.#start());
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(message);
    try {
      const [answer] = (await once(worker, 'message', { signal: deadline })) as [FromThread];
      return answer;
    } catch (error) {
      await this.close();
      deadline.throwIfAborted();
      throw new SkillosError('sql_failed', 'SQLite ended while it executed the statement', { cause: error });
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const limits = { maxOldGenerationSizeMb: MAX_HEAP_MB };
    const worker = new Worker(packageFile(THREAD), { env: {}, resourceLimits: limits });
    worker.unref(); // a call in progress keeps the process alive by its deadline
    worker.on('error', () => undefined); // the call in progress rejects
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }
}

interface Place {
  readonly id: string;
  readonly root: string;
  readonly databasePath: string;
  readonly isReadOnly: boolean;
}

/** Resolves to the real path, which is below the root. */
async function fileOf({ id, root, databasePath, isReadOnly }: Place): Promise<string> {
  const file = await realPathOf(id, root, databasePath);
  if (!isReadOnly || existsSync(file)) return file;
  const message = `Connector "${id}": no file "${databasePath}" yet; the first statement of a skill that writes creates it`;
  throw new SkillosError('sql_failed', message);
}

async function realPathOf(id: string, root: string, databasePath: string): Promise<string> {
  try {
    return await realpathBelow(root, safeJoin(root, databasePath));
  } catch (cause) {
    const message = `Connector "${id}": expected database_path to stay below the skills root, also through links`;
    throw new SkillosError('connector_invalid', message, { cause });
  }
}

/** Among all workers of this host, since the lock of SQLite's own would outlive a worker that was killed. */
async function lockOf(id: string, file: string, timeoutMs: number): Promise<Lock> {
  try {
    return await acquireLock(`${file}.skillos-lock`, { timeoutMs });
  } catch (cause) {
    const isLate = isSkillosError(cause, 'lock_timeout');
    const why = isLate ? 'other calls used the database all the time' : 'the database cannot be locked';
    const code = isLate ? 'connector_timeout' : 'connector_unreachable';
    throw new SkillosError(code, `Connector "${id}": ${why}`, { cause });
  }
}

function answerOf(id: string, sql: string, answer: FromThread): ConnectorAnswer {
  switch (answer.status) {
    case 'done':
      return {
        value: { rows: answer.rows, row_count: answer.rowCount },
        facts: { method: verbOf(sql), host: 'sqlite', bytes: answer.bytes },
      };
    case 'too_many_rows':
      throw tooManyRows(id);
    case 'too_many_bytes':
      throw tooManyBytes(id);
    case 'failed':
      throw failed(id, answer.message);
  }
}

/** SQLite's messages name tables, columns and constraints, but no values. */
function failed(id: string, message: string): SkillosError {
  const isReadOnly = message.includes('readonly database');
  const text = message.replace(
    /^Could not open the database .*$/s,
    'the file cannot be opened as a database',
  );
  return new SkillosError(isReadOnly ? 'sql_read_only' : 'sql_failed', `Connector "${id}": ${text}`);
}
