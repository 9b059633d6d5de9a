/** Many requests reach the API while the local engine is still coming up. */
import { builtEngine } from '../support/built-engine.ts';
import type { BuiltEngine } from '../support/built-engine.ts';
import { serveBuilt } from '../support/built-server.ts';
import type { BuiltServer } from '../support/built-server.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';

const STARTS = 200;

describe('200 starts while the engine comes up', () => {
  let engine: BuiltEngine;
  let api: BuiltServer;

  beforeAll(async () => {
    engine = builtEngine({ 'test/echo': { code: 'export const run = (payload: unknown) => payload;' } });
    api = await serveBuilt({ ...engine.env, SKILLOS_API_PORT: '0' });
  }, PROCESSES_TIMEOUT_MS);

  afterAll(async () => {
    await api.close();
    await engine.stop();
  });

  test(
    'are all answered with the run that was started, and none is started that is not',
    async () => {
      const replies = await Promise.all(
        Array.from({ length: STARTS }, (_, payload) =>
          api.post('/skills/test.echo/run', { payload, wait_seconds: 0 }),
        ),
      );
      const statuses = new Set(replies.map(({ status }) => status));
      expect([...statuses].filter((status) => status !== 200 && status !== 202)).toEqual([]);
      const answered = replies.map(({ body }) => body['run_id'] as string).sort();
      expect(new Set(answered).size).toBe(STARTS);

      const temporal = await engine.connect();
      const started: string[] = [];
      for await (const { workflowId } of temporal.client.workflow.list({ query: "WorkflowType = 'run'" })) {
        started.push(workflowId);
      }
      await temporal.close();
      expect(started.sort()).toEqual(answered);
    },
    PROCESSES_TIMEOUT_MS,
  );
});
