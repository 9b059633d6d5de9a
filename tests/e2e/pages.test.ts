/** The pages in a real browser: by keyboard, live, without scripts, and from a hostile site. */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { RequestedStep, Plan } from '../../core/plans/plan.ts';
import type { RunStatus } from '../../core/runs/run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { openApi } from '../support/api.ts';
import { serveBuilt } from '../support/built-server.ts';
import type { BuiltServer } from '../support/built-server.ts';
import { describeInBrowser, openBrowser } from '../support/chromium.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { SECRET, signToken } from '../support/tokens.ts';

/** Ends when the file is there. */
const gate = join(tempFolder(), 'go');
/** Prints a line when the file is there. */
const cue = join(tempFolder(), 'cue');
const WAITS = `
import { existsSync } from 'node:fs';
export async function run(payload: string) {
  let isSilent = true;
  while (!existsSync(${JSON.stringify(gate)})) {
    if (isSilent && existsSync(${JSON.stringify(cue)})) console.log('on the way');
    isSilent &&= !existsSync(${JSON.stringify(cue)});
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return 'came through with ' + payload;
}`;

/** As far as this needs an element of the page. */
interface Matching {
  matches(selector: string): boolean;
}

function step(id: string): Plan<RequestedStep> {
  return { kind: 'step', step: { skill: parseSkillId(id) } };
}

describeInBrowser('the pages in a browser', () => {
  let deployment: Deployment;
  let api: BuiltServer;
  let guarded: BuiltServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the browser complained of. */
  const complaints: string[] = [];

  beforeAll(async () => {
    const root = rootWith({
      'test/wipe': {
        code: "export const run = (payload: string) => 'wiped ' + payload;",
        manifest: 'side_effects: destructive\ncost: 2.5\n',
      },
      'test/echo': { code: 'export const run = (payload: string) => payload;' },
      'test/waits': { code: WAITS, manifest: 'side_effects: none\n' },
    });
    deployment = await openDeployment(root);
    await deployment.startWorker();
    [api, guarded] = await Promise.all([
      serveBuilt(deployment.env),
      serveBuilt({ ...deployment.env, SKILLOS_JWT_SECRET: SECRET }),
    ]);
    browser = await openBrowser();
  });

  afterAll(async () => {
    writeFileSync(gate, ''); // what a failed test left waiting
    await browser.close();
    await api.close();
    await guarded.close();
    await deployment.close();
  });

  beforeEach(async () => {
    complaints.length = 0;
    ({ context, page } = await visit());
  });

  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  async function visit(options: { readonly javaScriptEnabled?: boolean } = {}) {
    const opened = await browser.newContext(options);
    opened.setDefaultTimeout(60_000);
    const first = await opened.newPage();
    first.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    first.on('pageerror', (error) => complaints.push(error.message));
    return { context: opened, page: first };
  }

  async function start(
    plan: Plan<RequestedStep>,
    status: RunStatus,
    more: { readonly stepThrough?: boolean } = {},
  ): Promise<string> {
    const { runId } = await startRun(deployment.ports, deployment.temporal, {
      plan,
      payload: 'all of it',
      principal: { subject: 'asker', roles: [], via: 'local' },
      tenant: 'default',
      ...more,
    });
    await eventually(async () => expect(await statusOf(runId)).toBe(status));
    return runId;
  }

  async function statusOf(runId: string): Promise<RunStatus> {
    return (await findRun(deployment.ports, runId)).status;
  }

  const addressOf = (runId: string) => `${api.url}/ui/runs/${runId}`;

  /** Findings of axe-core, which checks what screen readers and keyboards need; its source is in the page. */
  async function barriers(): Promise<readonly string[]> {
    const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  }

  test('approve by keyboard alone, and see how the run goes on', async () => {
    const runId = await start(step('test/wipe'), 'awaiting_approval');
    await page.goto(`${api.url}/ui/approvals`);
    const link = page.getByRole('link', { name: 'Decide on test/wipe' });
    const press = async (reached: () => Promise<boolean>) => {
      for (let pressed = 0; !(await reached()); pressed++) {
        if (pressed > 60) throw new Error('Not reached by keyboard');
        await page.keyboard.press('Tab');
      }
    };
    const isFocused = (of: typeof link) => () =>
      of.evaluate((element) => (element as unknown as Matching).matches(':focus'));
    await press(isFocused(link));
    await page.keyboard.press('Enter');
    await page.waitForURL(/#decide$/);
    await press(isFocused(page.getByLabel('Comment')));
    await page.keyboard.type('looks right');
    await press(isFocused(page.getByRole('button', { name: 'Approve' })));
    await page.keyboard.press('Enter');
    await page.locator('#result').getByText('wiped all of it').waitFor();
    expect(await page.locator('#standing').innerText()).toBe('success');
    expect(await page.getByText('looks right').isVisible()).toBe(true);
    expect(await statusOf(runId)).toBe('success');
  });

  test('deny without scripts', async () => {
    const runId = await start(step('test/wipe'), 'awaiting_approval');
    await context.close();
    ({ context, page } = await visit({ javaScriptEnabled: false }));
    await page.goto(addressOf(runId));
    await page.getByLabel('Comment').fill('not today');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('not today', { exact: true }).waitFor();
    expect(await statusOf(runId)).toBe('blocked');
  });

  test('follow a run without scripts', async () => {
    rmSync(gate, { force: true });
    await context.close();
    ({ context, page } = await visit({ javaScriptEnabled: false }));
    const runId = await start(step('test/waits'), 'running');
    await page.goto(addressOf(runId));
    expect(await page.locator('#standing').innerText()).toBe('running');
    writeFileSync(gate, '');
    await page.getByText('success').first().waitFor();
  });

  test('sees each step as it is done, without losing what it had opened', async () => {
    rmSync(gate, { force: true });
    const group: Plan<RequestedStep> = { kind: 'parallel', plans: [step('test/waits'), step('test/echo')] };
    const runId = await start({ kind: 'sequence', plans: [step('test/echo'), group] }, 'running');
    await page.goto(addressOf(runId));
    await page.locator('#steps > li > ol > #step-3').getByText('success').waitFor();
    await page.locator('#steps > li > ol > #step-2').getByText('running').waitFor();
    await page.locator('#steps > #step-1').getByText('Output of step 1').click();
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
    writeFileSync(gate, '');
    await page.locator('#result').getByText('came through with all of it').waitFor();
    await page.locator('#step-2').getByText('success').waitFor();
    expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true);
    expect(await page.locator('#step-1').getByText('all of it').isVisible()).toBe(true);
  });

  test('sees what a skill prints while it runs', async () => {
    rmSync(gate, { force: true });
    const runId = await start(step('test/waits'), 'running');
    await page.goto(addressOf(runId));
    await page.getByText('Log of the run').click();
    await page.getByText('Nothing has been printed.').waitFor();
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
    writeFileSync(cue, '');
    await page.locator('#log').getByText('on the way').waitFor();
    expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true);
    writeFileSync(gate, '');
    await page.locator('#result').getByText('came through with all of it').waitFor();
    expect(await page.locator('#log').getByText('on the way').isVisible()).toBe(true);
  });

  test('edits the input of a paused run and lets it go on, while its page stays', async () => {
    const runId = await start(step('test/echo'), 'paused', { stepThrough: true });
    await page.goto(addressOf(runId));
    await page.getByLabel('Input of step 1, as JSON').fill('"something else"');
    await page.getByRole('button', { name: 'Replace input' }).click();
    await page.getByLabel('Input of step 1, as JSON').getByText('something else').waitFor();
    await page.getByRole('button', { name: 'Run step' }).click();
    await page.locator('#result').getByText('something else').waitFor();
    await page.getByRole('button', { name: 'Run again' }).waitFor();
  });

  test('lays the steps out as planned once Temporal answers that did not', async () => {
    rmSync(gate, { force: true });
    let answers = false;
    const flaky = await openApi(deployment.root, {
      connect: async () => {
        if (!answers) throw new SkillosError('engine_unreachable', 'Not yet');
        return { ...deployment.temporal, close: async () => undefined }; // others need it after this
      },
    });
    try {
      const group: Plan<RequestedStep> = { kind: 'parallel', plans: [step('test/waits'), step('test/echo')] };
      const runId = await start(group, 'running');
      await page.goto(`${flaky.url}/ui/runs/${runId}`);
      await page.locator('#steps > #step-2').waitFor();
      answers = true;
      await page.locator('#steps > li > ol > #step-2').getByText('success').waitFor();
      writeFileSync(gate, '');
      await page.locator('#result').getByText('came through with all of it').waitFor();
    } finally {
      await flaky.close();
    }
  });

  test('tells who writes a comment that somebody else has decided', async () => {
    const runId = await start(step('test/wipe'), 'awaiting_approval');
    await page.goto(addressOf(runId));
    await page.getByLabel('Comment').fill('I think that');
    const other = await context.newPage();
    await other.goto(addressOf(runId));
    await other.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('This run has changed').waitFor();
    expect(await page.getByLabel('Comment').inputValue()).toBe('I think that');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('approval_decided').waitFor();
    complaints.length = 0; // the browser complains of the 409
    expect(await statusOf(runId)).toBe('blocked');
  });

  test('signs in with a token, and out', async () => {
    await page.goto(`${guarded.url}/ui/runs`);
    await page.getByLabel('Token').fill(await signToken({ sub: 'boss' }));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${guarded.url}/ui/runs`);
    expect(await page.getByText('boss').isVisible()).toBe(true);
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    await page.goto(`${guarded.url}/ui/approvals`);
    expect(page.url()).toContain('/ui/login');
  });

  test('a page of another site can decide nothing', async () => {
    const runId = await start(step('test/wipe'), 'awaiting_approval');
    await page.goto(addressOf(runId));
    const digest = await page.locator('input[name=digest]').inputValue();
    const token = await page.locator('#decide input[name=form_token]').inputValue();
    // Even one that has seen the form, on another port of the same host.
    const evil = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<form method="post" action="${addressOf(runId)}/decision">
        <input name="digest" value="${digest}"><input name="form_token" value="${token}">
        <button name="decision" value="approved">Win a prize</button></form>`);
    }).listen(0, '127.0.0.1');
    await once(evil, 'listening');
    try {
      for (const host of ['127.0.0.1', 'localhost']) {
        await page.goto(`http://${host}:${(evil.address() as AddressInfo).port}/`);
        await page.getByRole('button').click();
        await page.getByText('origin_refused').waitFor();
        expect(await statusOf(runId)).toBe('awaiting_approval');
      }
    } finally {
      evil.close();
      complaints.length = 0; // the browser complains of the 403
    }
  });

  test.each<[string, () => Promise<string>]>([
    ['what waits', async () => `${api.url}/ui/approvals`],
    ['a run to decide about', async () => addressOf(await start(step('test/wipe'), 'awaiting_approval'))],
    ['a run that has ended', async () => addressOf(await start(step('test/echo'), 'success'))],
    ['runs', async () => `${api.url}/ui/runs`],
    ['signing in', async () => `${guarded.url}/ui/login`],
    ['a paused run', async () => addressOf(await start(step('test/echo'), 'paused', { stepThrough: true }))],
  ])('%s has no barriers, on small and large screens, in light and dark', async (_page, address) => {
    await page.goto(await address());
    await page.evaluate(axe.source);
    for (const width of [400, 1280]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        expect(await barriers()).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
    }
  });
});
