/** Ports of the loopback address that nobody listens on. */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** The first that is free of those preferred, else one that the system chooses; another process may still be faster. */
export async function freePort(preferred: readonly number[]): Promise<number> {
  for (const port of [...preferred, 0]) {
    const free = await tryPort(port);
    if (free !== undefined) return free;
  }
  return 0;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const { port: bound } = server.address() as AddressInfo; // it listens on TCP
      server.close(() => resolve(bound));
    });
  });
}
