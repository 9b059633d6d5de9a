/** The parcel service that the connector `carrier` calls: `node skills/services/carrier.mjs [port]`. The demo starts it too. */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const PORT = 8655; // as in connectors/carrier.yaml

const PARCELS = new Map(
  [
    { number: 'PX-2041', status: 'in transit', place: 'Leipzig', since: '2026-11-28T21:40:00Z' },
    { number: 'PX-2042', status: 'out for delivery', place: 'Berlin', since: '2026-11-29T06:15:00Z' },
    { number: 'PX-2043', status: 'delivered', place: 'Vienna', since: '2026-11-27T13:05:00Z' },
    { number: 'PX-2044', status: 'held at customs', place: 'Warsaw', since: '2026-11-26T09:30:00Z' },
  ].map((parcel) => [`/v1/parcels/${parcel.number}`, parcel]),
);

/** Resolves to the server, which only this machine can reach. Rejects with `EADDRINUSE` if the port is taken. */
export function startCarrier(port = PORT) {
  const server = createServer(({ url }, response) => {
    const found = url === '/v1' ? { parcels: PARCELS.size } : PARCELS.get(url);
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? { error: 'unknown parcel' }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await startCarrier(process.argv[2] ?? PORT);
  process.stdout.write(`The parcel service listens on http://127.0.0.1:${server.address().port}/v1\n`);
}
