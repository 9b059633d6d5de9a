/** The metrics endpoint of a worker, if the settings want one. */
import type { CallReport } from '../../core/connectors/connector.ts';
import type { Config } from '../../core/settings/config.ts';

export interface WorkerTelemetry {
  readonly connectorCalled?: (report: CallReport) => void;
  close(): Promise<void>;
}

/** Rejects as `serveMetrics` does. `note` receives the address. */
export async function openWorkerTelemetry(
  { metricsPort: port, metricsHost: host }: Config,
  note: (line: string) => void,
): Promise<WorkerTelemetry> {
  if (port === undefined) return { close: async () => undefined };
  const { openWorkerMetrics, serveMetrics } = await import('../../adapters/telemetry/worker-metrics.ts');
  const metrics = openWorkerMetrics();
  const server = await serveMetrics(metrics, { host, port });
  note(`metrics: ${server.url}`);
  return { connectorCalled: (report) => metrics.connectorCalled(report), close: () => server.close() };
}
