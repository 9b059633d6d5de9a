import { openWorkerMetrics, serveMetrics } from '../../../adapters/telemetry/worker-metrics.ts';
import type { CallReport } from '../../../core/connectors/connector.ts';

const CALL: CallReport = { connector: 'weather', method: 'GET', host: 'h', status: 200, ms: 20, bytes: 3 };

async function samples(...reports: readonly CallReport[]): Promise<readonly string[]> {
  const metrics = openWorkerMetrics();
  for (const report of reports) metrics.connectorCalled(report);
  const { text } = await metrics.render();
  return text.split('\n').filter((line) => line.startsWith('skillos_'));
}

describe('openWorkerMetrics', () => {
  test('counts calls by connector and outcome, with their durations', async () => {
    const name = 'skillos_connector_call_duration_seconds';
    const { status: _, ...failed } = { ...CALL, code: 'connector_timeout' as const };
    expect(await samples(CALL, CALL, { ...CALL, status: 503 }, failed)).toEqual(
      expect.arrayContaining([
        `${name}_count{connector="weather",outcome="ok"} 2`,
        `${name}_sum{connector="weather",outcome="ok"} 0.04`,
        `${name}_count{connector="weather",outcome="5xx"} 1`,
        `${name}_count{connector="weather",outcome="connector_timeout"} 1`,
      ]),
    );
  });

  test('many connectors share a series', async () => {
    const all = Array.from({ length: 300 }, (_, index) => ({ ...CALL, connector: `c${index}` }));
    const counts = (await samples(...all)).filter((line) => line.includes('_count{'));
    expect(counts).toHaveLength(201);
    expect(counts.at(-1)).toContain('{connector="others",outcome="ok"} 100');
  });
});

describe('serveMetrics', () => {
  const host = '127.0.0.1';

  test('serves them at /metrics, and nothing else', async () => {
    const server = await serveMetrics(openWorkerMetrics(), { host, port: 0 });
    try {
      const found = await fetch(server.url);
      expect([found.status, found.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('text/plain'),
      ]);
      expect(await found.text()).toContain('process_resident_memory_bytes');
      expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
      expect((await fetch(new URL('/', server.url))).status).toBe(404);
      const port = Number(new URL(server.url).port);
      await expect(serveMetrics(openWorkerMetrics(), { host, port })).rejects.toMatchObject({
        code: 'address_in_use',
      });
    } finally {
      await server.close();
    }
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test('refuses an address of another machine', async () => {
    await expect(serveMetrics(openWorkerMetrics(), { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'usage',
    });
  });
});
