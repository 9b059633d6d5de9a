/** A Temporal server that goes away while somebody waits for a run. */
import { connectTemporal } from '../../client/temporal/connection.ts';
import { openApi } from '../support/api.ts';
import { rootWith } from '../support/deployment.ts';
import { until } from '../support/eventually.ts';
import { startServerInMemory } from '../support/temporal-server.ts';

test('a run that has been started is answered as one that goes on', async () => {
  const temporal = await startServerInMemory();
  const { address } = temporal;
  const connect = () => connectTemporal({ address, namespace: 'default', taskQueue: 'nobody', local: false });
  const api = await openApi(
    rootWith({ 'test/echo': { code: 'export const run = (payload: unknown) => payload;' } }),
    { connect },
  );
  try {
    const waiting = api.post('/skills/test/echo/run', { wait_seconds: 4 });
    await until(async () => ((await api.get('/runs')).body['items'] as unknown[]).length > 0);
    await temporal.stop();
    const { status, headers, body } = await waiting;
    expect([status, body]).toEqual([
      202,
      { schema: 'skillos.run/v1', run_id: expect.any(String), status: 'queued', steps: [] },
    ]);
    expect(headers.location).toBe(`/runs/${body['run_id'] as string}`);
    expect((await api.get(`/runs/${body['run_id'] as string}`)).body).toMatchObject({ status: 'queued' });
    expect((await api.get('/health/ready')).status).toBe(503);
  } finally {
    await api.close();
    await temporal.stop();
  }
});
