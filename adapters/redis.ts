/** One connection to Redis for the whole process. What is asked of it is answered or refused within 50 ms. */
import type { Redis as Client } from 'ioredis';
import { SkillosError } from '../core/errors.ts';

export interface Redis {
  /** Rejects with `redis_unreachable`, without a word of address, key or value. */
  use<Reply>(command: (client: Client) => Promise<Reply>): Promise<Reply>;
  /** Rejects where Redis takes no writes, in whatever way. */
  probe(): Promise<void>;
  close(): void;
}

const ANSWER_TIMEOUT_MS = 50;
/** A connection that owes an answer for this long has gone without a word. */
const SILENCE_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** Everything was answered or given up by then; ioredis keeps the process alive for it. */
const CLOSE_TIMEOUT_MS = 10;
const MAX_RECONNECT_DELAY_MS = 1_000;

/** What failed, by Redis's own words anywhere in the text, or by the code of the system or of TLS. */
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

/** Begins to connect and does not wait for it; goes on trying for as long as it is open. `prefix` is for its own key. */
export async function openRedis(url: string, prefix: string): Promise<Redis> {
  const client = await openClient(url);
  let lastFailure: Error | undefined;
  client.on('error', (error) => {
    if (isWithoutDatabase(lastFailure)) return;
    lastFailure = error;
    // ioredis would go on with the first database, which may be somebody else's.
    if (isWithoutDatabase(error)) client.disconnect();
  });
  client.on('ready', () => (lastFailure = undefined));
  const firstAttempt = settledOnce(client);
  // Runs while an answer is overdue: nobody else waits until Redis has said something again.
  let silence: NodeJS.Timeout | undefined;

  async function use<Reply>(command: (client: Client) => Promise<Reply>): Promise<Reply> {
    if (silence !== undefined) throw unreachable(LATE);
    const asked = firstAttempt.then(() => command(client));
    asked.then(heard, heard);
    try {
      return await within(ANSWER_TIMEOUT_MS, asked);
    } catch (error) {
      if (error === LATE) silence ??= setTimeout(reconnect, SILENCE_TIMEOUT_MS).unref();
      throw unreachable(client.status === 'ready' ? error : (lastFailure ?? error));
    }
  }

  function heard(): void {
    clearTimeout(silence);
    silence = undefined;
  }

  /** What was asked on the old connection is refused with it. */
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
  // Of CommonJS a bundle gives the default export alone.
  const { default: ioredis } = await import('ioredis');
  return new ioredis.Redis(url, {
    connectionName: 'skillos',
    protocol: 2, // what older servers speak too
    disableClientInfo: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: CLOSE_TIMEOUT_MS,
    // Nothing is kept to be sent later: a count that comes late is a wrong count.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 50, MAX_RECONNECT_DELAY_MS),
    // After a failover the old primary is a replica; its name leads to the new one.
    reconnectOnError: (error) => error.message.includes('READONLY'),
  });
}

/** Redis refused to SELECT the one that the URL names. */
function isWithoutDatabase(error: Error | undefined): boolean {
  return /DB index|'select'/i.test(error?.message ?? '');
}

/** Resolves when the first attempt to connect has ended, well or badly. */
function settledOnce(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('ready', resolve);
    client.once('close', resolve);
  });
}

const LATE = new Error('late');

/** After the timer the loop turns once more, so that an answer which is there already counts. */
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

/** What ioredis throws may quote commands and addresses, so only what it means is passed on, and no cause. */
function unreachable(error: unknown): SkillosError {
  const { code, message = '' } = error as { readonly code?: string; readonly message?: string };
  const reason =
    error === LATE
      ? `it does not answer within ${ANSWER_TIMEOUT_MS} ms`
      : (REASONS.find(([told]) => told.test(code ?? message) || told.test(message))?.[1] ??
        'the connection broke');
  return new SkillosError('redis_unreachable', `Cannot use Redis: ${reason}`);
}
