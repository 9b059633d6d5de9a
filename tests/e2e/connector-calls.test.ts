/** Connector calls of a run by the built program: in its trace and metrics, kept for a recording, and replayed offline. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { JsonObject } from '../../core/json.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { writeFiles } from '../support/write-files.ts';

const TOKEN = 'connector-token/1+2=';
const KEY = 'key of the skill/3+4=';

const SKILLS = {
  'sky/today': {
    manifest: 'side_effects: read\nconnectors: [weather]\nsecrets: [API_KEY]\nexamples: [Rome]\n',
    code: `
export async function run(city: string, ctx: any) {
  const { status, body } = await ctx.connectors.weather.request({ path: '/today', query: { city, key: ctx.secrets.API_KEY } });
  const gone = await ctx.connectors.weather.request({ path: '/gone' });
  return { status, body, gone: gone.status };
}`,
  },
};

let server: Server;
let deployment: Deployment;
let worker: SkillosProcess;
let asked = 0;

beforeAll(async () => {
  // Repeats what it is sent, as careless servers do.
  server = createServer(({ url, headers }, response) => {
    asked++;
    response.statusCode = url?.endsWith('/gone') ? 404 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ url, authorization: headers.authorization }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const root = rootWith(SKILLS);
  writeFiles(root, {
    'connectors/weather.yaml': `id: weather
base_url: http://127.0.0.1:${port}/v1
auth: { type: bearer, token: secret:TOKEN }
allow_private: true
`,
  });
  deployment = await openDeployment(root, { SKILLOS_WEATHER_TOKEN: TOKEN, API_KEY: KEY });
  worker = await startWorkerProcess({
    ...deployment.env,
    SKILLOS_RECORD_CALLS: '1',
    SKILLOS_METRICS_PORT: '0',
  });
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
  server.close();
});

const call = (...argv: readonly string[]) => skillos(argv, { env: deployment.env, timeoutMs: 60_000 });
const json = async (...argv: readonly string[]) =>
  JSON.parse((await call(...argv, '--json')).stdout) as JsonObject & { readonly run_id: string };

test('a run shows its calls, keeps them masked, and replays them without the server', async () => {
  const dry = await json('run-skill', 'sky/today', '--payload', 'Rome', '--dry-run');
  expect(dry['steps']).toMatchObject([
    {
      secrets: ['API_KEY'],
      connectors: [{ id: 'weather', host: expect.stringMatching(/^127\.0\.0\.1:\d+$/), secrets: ['TOKEN'] }],
    },
  ]);
  expect(asked).toBe(0);

  const ran = await json('run-skill', 'sky/today', '--payload', 'Rome');
  const output = {
    status: 200,
    body: { url: '/v1/today?city=Rome&key=[REDACTED]', authorization: 'Bearer [REDACTED]' },
    gone: 404,
  };
  expect(ran).toMatchObject({ status: 'success', result: output });

  const traced = await json('runs', 'trace', ran.run_id);
  const shown = { attempt: 1, connector: 'weather', method: 'GET', ms: expect.any(Number) };
  expect(traced['steps']).toMatchObject([
    {
      calls: [
        { ...shown, status: 200 },
        { ...shown, status: 404 },
      ],
    },
  ]);
  expect((await call('runs', 'trace', ran.run_id)).stdout).toMatch(
    /^    call: {4}weather GET 127\.0\.0\.1:\d+ 200 \d+ ms \d+ bytes$/m,
  );

  const [, url] = await worker.until('stderr', /metrics: (http:\S+)/);
  const metrics = await (await fetch(url as string)).text();
  for (const outcome of ['ok', '4xx']) {
    expect(metrics).toContain(
      `skillos_connector_call_duration_seconds_count{connector="weather",outcome="${outcome}"} 1`,
    );
  }

  const { file } = (await json('record', ran.run_id)) as unknown as { readonly file: string };
  const recording = readFileSync(join(deployment.root, file), 'utf8');
  expect(JSON.parse(recording)).toMatchObject({
    calls: [
      { args: { path: '/today', query: { city: 'Rome', key: '[REDACTED]' } }, value: { body: output.body } },
      { args: { path: '/gone' }, value: { status: 404 } },
    ],
    output,
  });
  for (const secret of [TOKEN, KEY]) expect(recording).not.toContain(secret);

  const before = asked;
  expect(await call('test', 'sky/today')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`ok   recording ${ran.run_id}`),
  });
  expect(asked).toBe(before);
});

test('a run whose calls were not kept is not recordable', async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  worker = await startWorkerProcess(deployment.env);
  const { run_id: id } = await json('run-skill', 'sky/today', '--payload', 'Rome');
  const { code, stderr } = await call('record', id);
  expect([code, stderr]).toEqual([1, expect.stringContaining('SKILLOS_RECORD_CALLS=1')]);
});
