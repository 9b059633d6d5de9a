/** A Temporal server whose namespace knows our search attributes, whatever its database knew. */
import { Connection } from '@temporalio/client';
import { registerSearchAttributes } from './search-attributes.ts';
import { startTemporalServer } from './server.ts';
import type { ServerOptions, TemporalServer } from './server.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** Rejects as `startTemporalServer` and `registerSearchAttributes` do; nothing runs then. */
export async function startPreparedServer(options: ServerOptions): Promise<TemporalServer> {
  const server = await startTemporalServer(options);
  try {
    const { address } = server;
    const connection = await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT_MS });
    await registerSearchAttributes(connection, options.namespace).finally(() => connection.close());
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}
