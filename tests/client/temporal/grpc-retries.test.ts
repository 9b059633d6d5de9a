/** A connection that is closed while its calls wait to be tried again. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connectTemporal } from '../../../client/temporal/connection.ts';

describe('quietRetries', () => {
  test('a call that is tried again on a closed connection fails, and the process goes on', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    // Of a local engine: it connects with the first call.
    const temporal = await connectTemporal({ address, namespace: 'default', taskQueue: 'x', local: true });
    const failed = temporal.client.workflowService.getSystemInfo({}).catch((error: unknown) => error);
    await once(server, 'connection');
    await temporal.close();
    expect(await failed).toMatchObject({ code: 1 });
    server.close();
  });
});
