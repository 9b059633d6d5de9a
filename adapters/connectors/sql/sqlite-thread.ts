/** Runs in a thread of the worker: executes statements of SQLite, one at a time, since SQLite blocks its thread. */
import { existsSync, rmdirSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import sqlite from 'node-sqlite3-wasm';
import type { BindValues, Database, SQLiteValue } from 'node-sqlite3-wasm';
import type { FromThread, ToThread } from './sqlite-messages.ts';

/** Maximum of memory that SQLite takes; beyond it a statement fails. The build ignores SQLite's own limit. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;
const PAGE_BYTES = 64 * 1024;

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow: (pages: number) => number;
}

// WebAssembly is not among the types of Node 20.
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: WasmMemory } } })
  .WebAssembly;
const { grow } = Memory.prototype;
Memory.prototype.grow = function growToLimit(this: WasmMemory, pages) {
  if (this.buffer.byteLength + pages * PAGE_BYTES > MAX_MEMORY_BYTES) throw new RangeError('Out of memory');
  return grow.call(this, pages);
};

let inMemory: Database | undefined;

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.on('message', (message: ToThread) => parentPort?.postMessage(answerTo(message)));

function answerTo(message: ToThread): FromThread {
  try {
    return message.file === undefined ? executeInMemory(message) : executeInFile(message, message.file);
  } catch (error) {
    return { status: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function executeInMemory(message: ToThread): FromThread {
  inMemory ??= prepared(new sqlite.Database());
  inMemory.exec(`PRAGMA query_only = ${message.isReadOnly ? 'ON' : 'OFF'}`);
  return execute(inMemory, message);
}

/** Opened for each call, so that a file that was replaced or restored is the one that counts. */
function executeInFile(message: ToThread, file: string): FromThread {
  recover(file);
  const database = prepared(new sqlite.Database(file, { readOnly: message.isReadOnly }));
  try {
    return execute(database, message);
  } finally {
    database.close();
  }
}

/**
 * Undoes what a thread left that ended during a statement. The caller holds the lock of the file among all workers, so
 * nobody else uses SQLite's own lock, which is a folder. Only a connection that writes can undo a half-written change.
 */
function recover(file: string): void {
  const lock = `${file}.lock`;
  if (existsSync(lock)) rmdirSync(lock);
  if (!existsSync(`${file}-journal`)) return;
  const database = new sqlite.Database(file, { fileMustExist: true });
  try {
    database.exec('SELECT count(*) FROM sqlite_schema');
  } finally {
    database.close();
  }
}

function prepared(database: Database): Database {
  database.exec('PRAGMA temp_store = MEMORY');
  return database;
}

/** In a transaction, so that a statement whose answer is too large has changed nothing. */
function execute(database: Database, message: ToThread): FromThread {
  database.exec('BEGIN');
  try {
    const answer = rowsOf(database, message);
    database.exec(answer.status === 'done' ? 'COMMIT' : 'ROLLBACK');
    return answer;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function rowsOf(database: Database, { sql, values, maxRows, maxBytes }: ToThread): FromThread {
  const changedBefore = changesOf(database);
  const statement = database.prepare(sql);
  const rows: Record<string, string | number | null>[] = [];
  let bytes = 0;
  try {
    for (const row of statement.iterate(values as BindValues)) {
      const plain = Object.fromEntries(
        Object.entries(row as Record<string, SQLiteValue>).map(([name, value]) => [name, jsonOf(value)]),
      );
      bytes += JSON.stringify(plain).length;
      if (rows.length === maxRows) return { status: 'too_many_rows' };
      if (bytes > maxBytes) return { status: 'too_many_bytes' };
      rows.push(plain);
    }
  } finally {
    statement.finalize();
  }
  const rowCount = rows.length > 0 ? rows.length : changesOf(database) - changedBefore;
  return { status: 'done', rows, rowCount, bytes };
}

/** Rows changed since the connection was opened. */
function changesOf(database: Database): number {
  const row = database.get('SELECT total_changes() AS changes');
  return Number((row as { readonly changes: SQLiteValue }).changes);
}

/** Integers that JavaScript cannot hold come as text, and blobs as base64. */
function jsonOf(value: SQLiteValue): string | number | null {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
