/** Web pages of other sites attack the local engine of whoever looks at them, in a real browser. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { findRun } from '../../client/runs/run-records.ts';
import { readRequest } from '../../client/runs/history.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import { builtEngine, listeningAddresses } from '../support/built-engine.ts';
import type { BuiltEngine } from '../support/built-engine.ts';
import { describeInBrowser, openBrowser } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';

const NOTE = `
import { appendFileSync } from 'node:fs';
export function run(file: string) { appendFileSync(file, 'x'); return 'done'; }`;

/** A name that Chromium resolves to this machine, as the DNS server of an attacker would. */
const REBOUND = 'rebound.example';

interface Sent {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mode?: 'no-cors';
}

describeInBrowser('the local engine and web pages', () => {
  let engine: BuiltEngine;
  let temporal: Temporal;
  let browser: Browser;
  let page: Page;
  let foreign: Server;
  let uiUrl: string;
  let runId: string;
  let file: string;
  /** Bodies of the HTTP API that start a run and approve the waiting one. */
  let attacks: readonly { readonly path: string; readonly body: string }[];

  beforeAll(async () => {
    engine = builtEngine({ 'admin/delete_records': { code: NOTE, manifest: 'side_effects: destructive\n' } });
    file = join(engine.root, 'effects');
    const parked = await engine.json('run-skill', 'admin/delete_records', '--payload', file, '--detach');
    runId = parked.run_id ?? '';
    await eventually(async () =>
      expect((await findRun(engine.ports, runId)).status).toBe('awaiting_approval'),
    );
    temporal = await engine.connect();
    uiUrl = (await engine.json('dev', 'status')).ui_url ?? '';
    attacks = attacksOn(runId, await readRequest(temporal, { id: runId }));
    foreign = createServer((_request, response) => response.end('<p>a page of another site')).listen(
      0,
      '127.0.0.1',
    );
    await once(foreign, 'listening');
    browser = await openBrowser([`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`]);
  }, PROCESSES_TIMEOUT_MS);

  beforeEach(async () => {
    page = await browser.newPage();
  });

  afterEach(async () => {
    await page.close();
  });

  afterAll(async () => {
    await browser.close();
    foreign.close();
    await temporal.close();
    await engine.stop();
  });

  const portOf = (server: Server) => (server.address() as AddressInfo).port; // it listens on TCP

  /** Runs in the page; resolves to the status, 0 for an answer that the page may not read, -1 for none. */
  const send = (sent: Sent) =>
    page.evaluate(
      ({ url, ...init }) =>
        fetch(url, { method: 'POST', ...init }).then(
          ({ status }) => status,
          () => -1,
        ),
      sent,
    );

  /** Every HTTP server of the engine: the page of the Web UI, and whatever the Temporal server listens on. */
  async function targets(): Promise<readonly string[]> {
    const { pids } = await engine.json('dev', 'status');
    const addresses = [pids?.server, pids?.engine].flatMap((pid) => listeningAddresses(pid as number));
    expect(addresses.length).toBeGreaterThan(3); // gRPC, HTTP API, metrics, Web UI, control port
    return [uiUrl, ...addresses.map((address) => `http://${address}`)];
  }

  async function expectNoEffect(): Promise<void> {
    const workflow = await temporal.client.workflow.getHandle(runId).describe();
    expect(workflow.status.name).toBe('RUNNING');
    const { approval, status } = await findRun(engine.ports, runId);
    expect([status, approval?.decisions.filter(({ counted }) => counted)]).toEqual(['awaiting_approval', []]);
    expect(existsSync(file)).toBe(false);
  }

  const started = () => temporal.client.workflow.count("WorkflowType = 'run'");

  test('a page of another origin starts and approves nothing by simple POSTs', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      await page.goto(`http://${host}:${portOf(foreign)}/`);
      for (const target of await targets()) {
        for (const { path, body } of attacks) {
          await send({
            url: `${target}${path}`,
            body,
            mode: 'no-cors',
            headers: { 'content-type': 'text/plain' },
          });
          expect(await send({ url: `${target}${path}`, body })).toBe(-1);
        }
      }
    }
    expect((await started()).count).toBe(1);
    await expectNoEffect();
  });

  test('a page of a foreign host name that resolves to this machine reads and starts nothing', async () => {
    for (const target of await targets()) {
      const { hostname, port } = new URL(target);
      if (hostname !== '127.0.0.1') continue; // a name resolves to one address that the attacker has to know
      page = await browser.newPage(); // a navigation that failed may still interrupt the next one of its page
      const reply = await page.goto(`http://${REBOUND}:${port}/api/v1/namespaces`).catch(() => null);
      if (reply === null || !page.url().startsWith(`http://${REBOUND}`)) continue; // no HTTP, or a port that Chromium blocks
      expect(await reply.text()).not.toContain('default');
      expect(reply.status()).toBeGreaterThanOrEqual(400);
      for (const { path, body } of attacks) {
        expect(await send({ url: path, body })).toBeGreaterThanOrEqual(400);
      }
    }
    expect((await started()).count).toBe(1);
    await expectNoEffect();
  });

  test('the Web UI shows the run to the user, and approves it with the code of approvals show', async () => {
    await page.goto(`${uiUrl}/namespaces/default/workflows/${runId}`);
    await page.getByText(runId).first().waitFor();
    const cookies = await page.context().cookies(uiUrl);
    const token = cookies.find(({ name }) => name === '_csrf')?.value ?? '';
    const { signal_code: code = '' } = await engine.json('approvals', 'show', runId);
    const { path, body } = attacksOn(runId, {}, code)[1] as { readonly path: string; readonly body: string };
    expect(await send({ url: path, body, headers: { 'x-csrf-token': token } })).toBe(200);
    await eventually(async () => expect((await findRun(engine.ports, runId)).status).toBe('success'));
    expect(existsSync(file)).toBe(true);
  });
});

/** Requests of Temporal's HTTP API: the start of a run as recorded, and the signal that approves the waiting one. */
function attacksOn(runId: string, request: object, comment = 'as agreed') {
  const payload = (value: unknown) => ({
    metadata: { encoding: base64('json/plain') },
    data: base64(JSON.stringify(value)),
  });
  const workflow = {
    workflowType: { name: 'run' },
    taskQueue: { name: 'skillos' },
    input: { payloads: [payload(request)] },
    requestId: 'an attack',
  };
  const signal = { signalName: 'approve', input: { payloads: [payload(comment)] } };
  const workflows = '/namespaces/default/workflows';
  return ['/api/v1', ''].flatMap((prefix) => [
    { path: `${prefix}${workflows}/text.note-01ARZ3NDEKTSV4RRFFQ69G5FAV`, body: JSON.stringify(workflow) },
    { path: `${prefix}${workflows}/${runId}/signal/approve`, body: JSON.stringify(signal) },
  ]);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
