/** A TCP proxy that can hold back what the server answers, as a server does that is busy. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface SlowProxy extends AsyncDisposable {
  readonly address: string;
  /** From now on requests arrive, and their answers wait. */
  hold(): void;
  /** Delivers the answers that wait, and all later ones at once. */
  release(): void;
}

export async function slowProxy(target: string): Promise<SlowProxy> {
  const [host = '', port = ''] = target.split(':');
  const upstreams = new Set<Socket>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(Number(port), host);
    upstreams.add(upstream);
    sockets.add(socket);
    for (const end of [socket, upstream]) end.on('error', () => undefined);
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => upstream.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on TCP
    hold() {
      for (const upstream of upstreams) upstream.pause();
    },
    release() {
      for (const upstream of upstreams) upstream.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const end of [...upstreams, ...sockets]) end.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
