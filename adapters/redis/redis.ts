/** The process's one connection to Redis. Every command is answered or rejected within 50 ms. */
import type { Redis as Client } from 'ioredis';
import { SkillosError } from '../../core/errors/errors.ts';
import { backoffMs } from '../../core/values/backoff.ts';

export interface Redis {
  /** Runs a command. Rejects with `redis_unreachable`; its message contains no address, key or value. */
  use<Reply>(command: (client: Client) => Promise<Reply>): Promise<Reply>;
  /** Writes a test key; rejects if Redis cannot be written. */
  probe(): Promise<void>;
  close(): void;
}

const ANSWER_TIMEOUT_MS = 50;
/** A connection whose answer is overdue for this long is closed and reopened. */
const SILENCE_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** Short, because ioredis keeps the process alive for it and every command has settled by then. */
const CLOSE_TIMEOUT_MS = 10;
const RECONNECT = { firstMs: 50, maxMs: 1_000 };

/** Reasons by Redis's error prefix (the first word of a RESP error), or by the system's or TLS's error code. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/WRONGPASS|NOAUTH|invalid password/i, 'the user name or the password is refused'],
  [/NOPERM/, 'the user lacks a permission'],
  [/READONLY|read only replica/, 'it is a replica, which takes no writes'],
  [/\bOOM\b/, 'its memory is full'],
  [/\bLOADING\b/, 'it still loads its data'],
  [/\bMOVED\b|CLUSTERDOWN/, 'it is a node of a cluster, which is not supported'],
  [/WRONGTYPE/, 'a key holds something else'],
  [/DB index/, 'it has no database of that number'],
  [/SSL|CERT|^UNABLE_TO_/, 'no TLS connection that can be trusted'],
  [/^ECONNREFUSED/, 'nothing listens there'],
  [/^ENOTFOUND|^EAI_/, 'its host is not found'],
];

/** Starts to connect without waiting, and reconnects until it is closed. `prefix` is used for the probe's key. */
export async function openRedis(url: string, prefix: string): Promise<Redis> {
  const client = await openClient(url);
  let lastFailure: Error | undefined;
  client.on('error', (error) => {
    if (isWithoutDatabase(lastFailure)) return;
    lastFailure = error;
    // ioredis would continue with database 0, which may belong to another application.
    if (isWithoutDatabase(error)) client.disconnect();
  });
  client.on('ready', () => (lastFailure = undefined));
  const firstAttempt = settledOnce(client);
  // Set while an answer is overdue; other commands are rejected at once until Redis answers again.
  let silence: NodeJS.Timeout | undefined;

  async function use<Reply>(command: (client: Client) => Promise<Reply>): Promise<Reply> {
    if (silence !== undefined) throw unreachable(LATE);
    const answer = firstAttempt.then(() => command(client));
    answer.then(noteAnswer, noteAnswer);
    try {
      return await within(ANSWER_TIMEOUT_MS, answer);
    } catch (error) {
      if (error === LATE) silence ??= setTimeout(reconnect, SILENCE_TIMEOUT_MS).unref();
      throw unreachable(client.status === 'ready' ? error : (lastFailure ?? error));
    }
  }

  function noteAnswer(): void {
    clearTimeout(silence);
    silence = undefined;
  }

  /** Pending commands of the old connection are rejected. */
  function reconnect(): void {
    client.disconnect(true);
  }

  return {
    use,
    probe: async () => void (await use((redis) => redis.set(`${prefix}:probe`, '1', 'PX', 1000))),
    close: () => client.disconnect(),
  };
}

async function openClient(url: string): Promise<Client> {
  // A bundle exposes only the default export of a CommonJS package.
  const { default: ioredis } = await import('ioredis');
  return new ioredis.Redis(url, {
    connectionName: 'skillos',
    protocol: 2, // RESP2, which older servers speak too
    disableClientInfo: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: CLOSE_TIMEOUT_MS,
    // No command is queued or sent again: a late count is a wrong count.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => backoffMs(RECONNECT, attempt - 1),
    // After a failover the old primary is read-only; reconnecting resolves the name to the new one.
    reconnectOnError: (error) => error.message.includes('READONLY'),
  });
}

/** True if Redis refused to SELECT the database of the URL. */
function isWithoutDatabase(error: Error | undefined): boolean {
  return /DB index|'select'/i.test(error?.message ?? '');
}

/** Resolves when the first attempt to connect has succeeded or failed. */
function settledOnce(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('ready', resolve);
    client.once('close', resolve);
  });
}

const LATE = new Error('late');

/** After the timer it yields once more, so that an answer that has already arrived counts. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => setImmediate(reject, LATE), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Errors of ioredis may quote commands and addresses, so only the reason is passed on, without the cause. */
function unreachable(error: unknown): SkillosError {
  const { code, message = '' } = error as { readonly code?: string; readonly message?: string };
  const reason =
    error === LATE
      ? `it does not answer within ${ANSWER_TIMEOUT_MS} ms`
      : (REASONS.find(([pattern]) => pattern.test(code ?? message) || pattern.test(message))?.[1] ??
        'the connection broke');
  return new SkillosError('redis_unreachable', `Cannot use Redis: ${reason}`);
}
