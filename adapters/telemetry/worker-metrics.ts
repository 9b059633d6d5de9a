/** Metrics of one worker for Prometheus, and the endpoint that serves them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { CallReport } from '../../core/connectors/connector.ts';
import { callOutcome } from '../../core/connectors/connector-text.ts';
import { SkillosError } from '../../core/errors/errors.ts';

export interface WorkerMetrics {
  connectorCalled(report: CallReport): void;
  /** Returns all metrics in Prometheus's text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const CALL_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];
/** Further connectors share one label, so that the number of series is bounded. */
const MAX_CONNECTORS = 200;
const OTHERS = 'others';

export function openWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const calls = new Histogram({
    name: 'skillos_connector_call_duration_seconds',
    help: 'Calls of connectors; outcome is ok, 4xx, 5xx or an error code.',
    labelNames: ['connector', 'outcome'],
    buckets: CALL_BUCKETS,
    registers: [registry],
  });
  const connectors = new Set<string>();
  return {
    connectorCalled(report) {
      if (connectors.size < MAX_CONNECTORS) connectors.add(report.connector);
      const connector = connectors.has(report.connector) ? report.connector : OTHERS;
      calls.observe({ connector, outcome: callOutcome(report) }, report.ms / 1000);
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `GET /metrics`. Rejects with `address_in_use`, or with `usage` for an address that is not of this machine. */
export async function serveMetrics(
  metrics: Pick<WorkerMetrics, 'render'>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const isKnown = request.url === '/metrics';
    if (!isKnown || request.method !== 'GET') return void response.writeHead(isKnown ? 405 : 404).end();
    metrics.render().then(
      ({ contentType, text }) => response.writeHead(200, { 'content-type': contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen({ host, port });
  const where = `${host}:${port}`;
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EADDRINUSE')
      throw new SkillosError('address_in_use', `Another process already listens at "${where}"`, { cause });
    const message = `Cannot listen at "${where}": expected an address of this machine`;
    throw new SkillosError('usage', message, { cause });
  });
  server.unref();
  const { address, family, port: taken } = server.address() as AddressInfo; // a TCP socket
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/metrics`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
