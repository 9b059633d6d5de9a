/** The pages as a browser without scripts has them, on a real Temporal server. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { startRun } from '../../client/submit/start-run.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import type { RunRecord, RunStatus } from '../../core/runs/run.ts';
import { openApi } from '../support/api.ts';
import type { ApiReply, TestApi } from '../support/api.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import { Visitor, hiddenFields } from '../support/visitor.ts';

const APPROVAL_TOKEN = 'only approvers know';
const ALLOWED_SITE = 'https://app.example.com';
const MARKUP = '<img src=x onerror=alert(1)>';

const SKILLS = {
  'test/wipe': {
    code: 'export const run = (payload: unknown) => payload;',
    manifest: 'side_effects: destructive\ncost: 2.5\n',
  },
  'test/echo': { code: 'export const run = (payload: string) => `echo ${payload}`;' },
  'test/pay': { code: 'export const run = (payload: string) => payload;' },
  'test/talks': {
    code: "export const run = (_: string, ctx: { log(text: string, fields: object): void }) => ctx.log('said something', { rows: 4 });",
  },
};
/** Of 22 fields, of which a page shows 20. */
const LARGE = {
  '/amount': { gt: 1000 },
  ...Object.fromEntries(Array.from({ length: 21 }, (_, part) => [`/parts/${part}`, { gt: 0 }])),
};
const APPROVALS = [{ skill_id: 'test/pay', policy_id: 'large', when: LARGE }];
const POLICIES = {
  roles: { approver: ['approvals:decide'], auditor: ['runs:read'], operator: ['runs:*'] },
  policies: [],
};

interface Served {
  readonly deployment: Deployment;
  readonly api: TestApi;
}

/** Where nobody signs in, and everybody may do anything. */
let local: Served;
/** Where one needs a token, and rights. */
let guarded: Served;

beforeAll(async () => {
  const open = rootWith(SKILLS);
  writePolicies(open, 'approval', APPROVALS);
  local = await serve(open, { SKILLOS_API_CORS_ORIGINS: ALLOWED_SITE });
  const root = rootWith(SKILLS);
  writePolicies(root, 'permission', POLICIES);
  guarded = await serve(root, { SKILLOS_JWT_SECRET: SECRET, SKILLOS_APPROVAL_TOKEN: APPROVAL_TOKEN });
});

afterAll(async () => {
  for (const { api, deployment } of [local, guarded]) {
    expect(api.faults).toEqual([]);
    await api.close();
    await deployment.close();
  }
});

function writePolicies(root: string, kind: 'approval' | 'permission', policies: object): void {
  mkdirSync(join(root, 'policies'));
  writeFileSync(join(root, 'policies', `${kind}_policies.json`), JSON.stringify(policies));
}

async function serve(root: string, settings: Readonly<Record<string, string>>): Promise<Served> {
  const deployment = await openDeployment(root, settings);
  await deployment.startWorker();
  return { deployment, api: await openApi(root, { connect: async () => deployment.temporal, settings }) };
}

interface Started {
  readonly skill?: string;
  readonly payload?: string;
  readonly query?: string;
  readonly status: RunStatus;
}

async function start(
  { deployment }: Served,
  { skill = 'test/wipe', payload = MARKUP, query, status }: Started,
): Promise<string> {
  const { runId } = await startRun(deployment.ports, deployment.temporal, {
    plan: { kind: 'step', step: { skill: parseSkillId(skill) } },
    payload,
    principal: { subject: 'asker', roles: [], via: 'local' },
    tenant: 'default',
    ...(query === undefined ? {} : { query }),
  });
  await eventually(async () => expect((await recordOf(runId, deployment)).status).toBe(status));
  return runId;
}

function recordOf(runId: string, { ports } = local.deployment): Promise<RunRecord> {
  return findRun(ports, runId);
}

const park = (where = local) => start(where, { status: 'awaiting_approval' });

async function signedIn(claims: object): Promise<Visitor> {
  const visitor = new Visitor(guarded.api);
  await visitor.open('/ui/login');
  await visitor.submit('/ui/login', { token: await signToken(claims) });
  return visitor;
}

const approver = () => signedIn({ sub: 'boss', role: 'approver' });

describe('every page', () => {
  test('is HTML that only we may put style and script into', async () => {
    const { headers, text } = await new Visitor(local.api).open('/ui/approvals');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(headers['content-security-policy']);
    const [, nonce = ''] = /style-src 'nonce-([^']{24})'/.exec(policy) ?? [];
    expect(policy).toBe(
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(text).toContain(`<style nonce="${nonce}">`);
    expect(headers).toMatchObject({
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(nonce).not.toBe('');
    expect((await new Visitor(local.api).open('/ui/approvals')).text).not.toContain(nonce);
  });

  test.each([
    ['GET', '/ui/nowhere', 404],
    ['GET', '/ui/runs/travel.x-01ARZ3NDEKTSV4RRFFQ69G5FAV', 404],
    ['GET', '/ui/runs/..%2f..%2fetc', 404],
    ['GET', '/ui/runs?after=x', 404],
    ['POST', '/ui/approvals', 405],
    ['PUT', '/ui/runs', 405],
    ['DELETE', '/ui', 405],
  ])('that is asked for wrongly is a page too: %s %s', async (method, path, status) => {
    const reply = await local.api.send(method, path);
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.text).toMatch(/<h1>[A-Z]/);
    expect(reply.text).not.toContain(local.deployment.root);
  });

  test.each([
    ['/', 302, '/ui'],
    ['/ui', 303, '/ui/approvals'],
  ])('leads home from %s', async (path, expected, location) => {
    const { status, headers } = await local.api.get(path);
    expect([status, headers.location]).toEqual([expected, location]);
  });
});

describe('what waits', () => {
  test('is listed with what would run and what it costs', async () => {
    const runId = await park();
    const { status, text } = await new Visitor(local.api).open('/ui/approvals');
    expect(status).toBe(200);
    const card = text.split('<article').find((each) => each.includes(runId)) ?? '';
    for (const shown of ['test/wipe', 'destructive', '2.5', 'Requested by asker', '0 of 1']) {
      expect(card).toContain(shown);
    }
  });

  test('is called by its steps', async () => {
    const { ports, temporal } = local.deployment;
    const step = (id: string) => ({ kind: 'step', step: { skill: parseSkillId(id) } }) as const;
    const { runId } = await startRun(ports, temporal, {
      plan: {
        kind: 'sequence',
        plans: [step('test/echo'), { kind: 'parallel', plans: [step('test/echo'), step('test/wipe')] }],
      },
      payload: 'all',
      principal: { subject: 'asker', roles: [], via: 'local' },
      tenant: 'default',
    });
    await eventually(async () => expect((await recordOf(runId)).status).toBe('awaiting_approval'));
    const { text } = await new Visitor(local.api).open('/ui/approvals');
    expect(text).toContain(`<a href="/ui/runs/${runId}">test/echo → test/echo | test/wipe</a>`);
    expect(text).toContain('Decide on test/echo → test/echo | test/wipe');
  });

  test('shows first what its policy looked at', async () => {
    const payload = JSON.stringify({ rows: Array(100).fill('a row'), amount: 4210.5 });
    const runId = await start(local, { skill: 'test/pay', payload, status: 'awaiting_approval' });
    const amount = /<dt>\/amount<\/dt>\s*<dd>4210\.5<\/dd>/;
    const { text: page } = await new Visitor(local.api).open(`/ui/runs/${runId}`);
    const [top] = page.split('<h2>Steps</h2>');
    expect(top).toMatch(amount);
    expect(top).toContain('<p>and 2 more</p>');
    const { text: list } = await new Visitor(local.api).open('/ui/approvals');
    const card = list.split('<article').find((each) => each.includes(runId)) ?? '';
    expect(card.split('<table')[0]).toMatch(amount);
  });

  test('shows on its page the input as text, whatever it holds', async () => {
    const { text } = await new Visitor(local.api).open(`/ui/runs/${await park()}`);
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(text).not.toContain('<img');
  });

  test.each([
    ['approved', 'success'],
    ['denied', 'blocked'],
  ])('is %s by a form, and then ends in %s', async (decision, status) => {
    const runId = await park();
    const visitor = new Visitor(local.api);
    await visitor.open(`/ui/runs/${runId}`);
    const reply = await visitor.submit(`/ui/runs/${runId}/decision`, {
      decision,
      comment: ` because ${MARKUP} `,
    });
    expect([reply.status, reply.headers.location]).toEqual([303, `/ui/runs/${runId}`]);
    await eventually(async () => expect((await recordOf(runId)).status).toBe(status));
    const { approval } = await recordOf(runId);
    expect(approval?.decisions).toMatchObject([
      { decision, via: 'ui', counted: true, comment: `because ${MARKUP}` },
    ]);
    const { text } = await visitor.open(`/ui/runs/${runId}`);
    expect(text).toContain(decision);
    expect(text).toContain('because &lt;img');
    expect(text).not.toContain('name="decision"');
  });

  test('is decided once', async () => {
    const runId = await park();
    const [first, second] = [new Visitor(local.api), new Visitor(local.api)];
    for (const visitor of [first, second]) await visitor.open(`/ui/runs/${runId}`);
    const action = `/ui/runs/${runId}/decision`;
    expect((await first.submit(action, { decision: 'denied' })).status).toBe(303);
    await eventually(async () => expect((await recordOf(runId)).status).toBe('blocked'));
    const late = await second.submit(action, { decision: 'approved' });
    expect(late.status).toBe(409);
    expect(late.text).toContain('approval_decided');
  });
});

describe('the page of a run', () => {
  async function paused(): Promise<{ readonly runId: string; readonly visitor: Visitor }> {
    const { ports, temporal } = local.deployment;
    const step = { kind: 'step', step: { skill: parseSkillId('test/echo') } } as const;
    const { runId } = await startRun(ports, temporal, {
      plan: { kind: 'sequence', plans: [step, step] },
      payload: 'first',
      principal: { subject: 'asker', roles: [], via: 'local' },
      tenant: 'default',
      stepThrough: true,
    });
    await eventually(async () => expect((await recordOf(runId)).status).toBe('paused'));
    const visitor = new Visitor(local.api);
    await visitor.open(`/ui/runs/${runId}`);
    return { runId, visitor };
  }

  test('edits, runs, skips and continues a paused run, whose page shows where it stops', async () => {
    const { runId, visitor } = await paused();
    const page = `/ui/runs/${runId}`;
    const action = `${page}/step`;
    const command = async (fields: Record<string, string>) => {
      const { status, headers } = await visitor.submit(action, fields);
      expect([status, headers.location]).toEqual([303, page]);
      return (await visitor.open(page)).text;
    };
    expect(await command({ command: 'edit', input: '"second"' })).toContain('&quot;second&quot;');
    const exact = await command({ command: 'edit', input: '"{\\"id\\":7615917337495251231}"' });
    expect(exact).toContain('&quot;{\\&quot;id\\&quot;:7615917337495251231}&quot;'); // what is sent unchanged stays as it is
    await command({ command: 'edit', input: '"second"' });
    expect(await command({ command: 'next' })).toContain('Paused before step 2, test/echo');
    expect((await visitor.submit(action, { command: 'edit', input: '{' })).status).toBe(422);
    expect((await visitor.submit(action, { command: 'jump' })).status).toBe(422);
    await command({ command: 'continue' });
    await eventually(async () => expect((await recordOf(runId)).status).toBe('success'));
    expect((await visitor.open(page)).text).toContain('echo echo second');
  });

  test('cancels a run, and repeats it from a step', async () => {
    const { runId, visitor } = await paused();
    await visitor.submit(`/ui/runs/${runId}/step`, { command: 'next' });
    await eventually(async () =>
      expect((await visitor.open(`/ui/runs/${runId}`)).text).toContain('Paused before step 2'),
    );
    expect((await visitor.submit(`/ui/runs/${runId}/cancel`)).headers.location).toBe(`/ui/runs/${runId}`);
    await eventually(async () => expect((await recordOf(runId)).status).toBe('cancelled'));
    // The record is final a moment before the workflow has closed, and until then a rerun is refused.
    const { headers } = await eventually(async () => {
      await visitor.open(`/ui/runs/${runId}`);
      const reply = await visitor.submit(`/ui/runs/${runId}/rerun`, { from: '2' });
      expect(reply.status).toBe(303);
      return reply;
    });
    const again = String(headers.location).split('/').at(-1) ?? '';
    expect(again).not.toBe(runId);
    await eventually(async () => expect((await recordOf(again)).status).toBe('success'));
    expect(await recordOf(again)).toMatchObject({ origin: { runId, from: 2 } });
  });

  test.each(['cancel', 'step', 'rerun'])('changes nothing for another site: %s', async (what) => {
    const { runId, visitor } = await paused();
    const headers = { Origin: 'https://evil.example' };
    const { status, text } = await visitor.post(
      `/ui/runs/${runId}/${what}`,
      { command: 'continue' },
      headers,
    );
    expect([status, text]).toEqual([403, expect.stringContaining('origin_refused')]);
    expect((await recordOf(runId)).status).toBe('paused');
  });

  describe('asks if the skill was right', () => {
    const query = `say it again ${MARKUP}`;
    const routed = (where = local) => start(where, { skill: 'test/echo', query, status: 'success' });

    test('keeps the answer as feedback, and shows it', async () => {
      const runId = await routed();
      const visitor = new Visitor(local.api);
      const action = `/ui/runs/${runId}/feedback`;
      const { text } = await visitor.open(`/ui/runs/${runId}`);
      expect(text).toContain('Was this right?');
      expect(text).toContain('say it again &lt;img');
      expect(text).not.toContain('You said');
      const kept = await visitor.submit(action, { expected: ' test.talks ' });
      expect([kept.status, kept.headers.location]).toEqual([303, `/ui/runs/${runId}`]);
      expect((await visitor.open(`/ui/runs/${runId}`)).text).toContain('You said that test/talks is right');
      await visitor.submit(action);
      expect((await visitor.open(`/ui/runs/${runId}`)).text).toContain('You said that test/echo is right');
      const { body } = await local.api.get('/feedback');
      expect(body['items']).toMatchObject([
        { skill: 'test/echo', query, source: 'ui' },
        { skill: 'test/echo', expected: 'test/talks', query, source: 'ui' },
      ]);
    });

    test.each([
      ['nothing', '', 400],
      ['no id', 'talks', 400],
      ['an unknown skill', 'test/none', 404],
    ])('refuses %s for the right skill', async (_, expected, status) => {
      const runId = await routed();
      const visitor = new Visitor(local.api);
      await visitor.open(`/ui/runs/${runId}`);
      expect((await visitor.submit(`/ui/runs/${runId}/feedback`, { expected })).status).toBe(status);
    });

    test('only where somebody asked, who may answer', async () => {
      const runId = await start(local, { skill: 'test/echo', status: 'success' });
      expect((await new Visitor(local.api).open(`/ui/runs/${runId}`)).text).not.toContain('Was this right?');
      const asked = await routed(guarded);
      const auditor = await signedIn({ sub: 'eve', role: 'auditor' });
      expect((await auditor.open(`/ui/runs/${asked}`)).text).not.toContain('Was this right?');
      const token = hiddenFields((await auditor.open('/ui/runs')).text, '/ui/logout');
      const from = { Origin: guarded.api.url };
      expect((await auditor.post(`/ui/runs/${asked}/feedback`, { ...token }, from)).status).toBe(403);
    });
  });

  test('shows input and log, and no form to who may not operate the run', async () => {
    const runId = await start(guarded, { skill: 'test/talks', status: 'success' });
    const auditor = await signedIn({ sub: 'eve', role: 'auditor' });
    const { text } = await auditor.open(`/ui/runs/${runId}`);
    expect(text).toContain('said something {&quot;rows&quot;:4}');
    expect(text).toContain('Input of the run');
    expect(text).not.toContain(`action="/ui/runs/${runId}/rerun"`);
    const operator = await signedIn({ sub: 'olga', role: 'operator' });
    expect((await operator.open(`/ui/runs/${runId}`)).text).toContain(`action="/ui/runs/${runId}/rerun"`);
    await auditor.open(`/ui/runs/${runId}`);
    const token = hiddenFields((await auditor.open('/ui/runs')).text, '/ui/logout');
    const refused = await auditor.post(`/ui/runs/${runId}/rerun`, { ...token }, { Origin: guarded.api.url });
    expect(refused.status).toBe(403);
  });
});

describe('a decision', () => {
  let runId = '';
  let action = '';

  beforeAll(async () => {
    runId = await park();
    action = `/ui/runs/${runId}/decision`;
  });

  afterEach(async () => {
    expect((await recordOf(runId)).status).toBe('awaiting_approval');
  });

  async function opened(): Promise<{ readonly visitor: Visitor; readonly fields: Record<string, string> }> {
    const visitor = new Visitor(local.api);
    const { text } = await visitor.open(`/ui/runs/${runId}`);
    return { visitor, fields: { ...hiddenFields(text, action), decision: 'approved' } };
  }

  test.each(['?decision=approved', ''])('is impossible by GET %j', async (query) => {
    const { visitor } = await opened();
    const { status, headers } = await visitor.open(`${action}${query}`);
    expect([status, headers['allow']]).toEqual([405, 'POST']);
    expect((await local.api.send('HEAD', `${action}${query}`)).status).toBe(405);
  });

  test.each<[string, Record<string, string>]>([
    ['another site', { Origin: 'https://evil.example' }],
    ['another port of this machine', { Origin: 'http://127.0.0.1:1' }],
    ['a page that hides where it is', { Origin: 'null' }],
    ['a site that leaves out its origin', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a site that may call the API', { Origin: ALLOWED_SITE }],
    ['nobody knows where', {}],
  ])('is refused from %s', async (_where, headers) => {
    const { visitor, fields } = await opened();
    const reply = await visitor.post(action, fields, headers);
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('origin_refused');
  });

  test.each<[string, (fields: Record<string, string>) => Record<string, string>, number]>([
    ['another form token', (fields) => ({ ...fields, form_token: 'x'.repeat(43) }), 403],
    ['an empty form token', (fields) => ({ ...fields, form_token: '' }), 403],
    ['no plan', (fields) => ({ ...fields, digest: '' }), 422],
    ['another plan', (fields) => ({ ...fields, digest: '0'.repeat(64) }), 409],
    ['another word', (fields) => ({ ...fields, decision: 'approve' }), 422],
    ['an unknown field', (fields) => ({ ...fields, role: 'admin' }), 422],
    ['too long a comment', (fields) => ({ ...fields, comment: 'x'.repeat(2001) }), 400],
    ['too much of everything', (fields) => ({ ...fields, comment: 'x'.repeat(40_000) }), 413],
  ])('is refused with %s', async (_what, change, status) => {
    const { visitor, fields } = await opened();
    const reply = await visitor.post(action, change(fields), { Origin: local.api.url });
    expect(reply.status).toBe(status);
  });

  test('is refused where the form’s cookie is gone', async () => {
    const { fields } = await opened();
    const reply = await new Visitor(local.api).post(action, fields, { Origin: local.api.url });
    expect(reply.status).toBe(403);
  });

  test.each<[string, string]>([
    ['application/json', '{"decision":"approved"}'],
    ['text/plain', 'decision=approved'],
    ['multipart/form-data; boundary=x', ''],
  ])('is refused as %s', async (type, raw) => {
    const headers = { Origin: local.api.url, 'Content-Type': type };
    expect((await local.api.send('POST', action, { raw, headers })).status).toBe(415);
  });

  test('is refused with a field twice', async () => {
    const { visitor, fields } = await opened();
    const twice = `${new URLSearchParams(fields).toString()}&decision=denied`;
    const cookie = [...visitor.cookies].map((pair) => pair.join('=')).join('; ');
    const headers = {
      Origin: local.api.url,
      Cookie: cookie,
      'Content-Type': 'application/x-www-form-urlencoded',
    };
    expect((await local.api.send('POST', action, { raw: twice, headers })).status).toBe(422);
  });
});

describe('signing in', () => {
  test.each(['/ui/approvals', '/ui/runs?status=error', '/ui/runs/travel.x-01ARZ3NDEKTSV4RRFFQ69G5FAV'])(
    'is asked for before %s',
    async (path) => {
      const { status, headers, text } = await new Visitor(guarded.api).open(path);
      const [page] = path.split('?') as [string];
      expect([status, headers.location]).toEqual([303, `/ui/login?next=${encodeURIComponent(page)}`]);
      expect(text).toBe('');
    },
  );

  test('leads to the page that was asked for, in a cookie that no script and no other site can use', async () => {
    const visitor = new Visitor(guarded.api);
    await visitor.open('/ui/login?next=%2Fui%2Fruns');
    const reply = await visitor.submit('/ui/login', { token: await signToken({ role: 'approver' }) });
    expect([reply.status, reply.headers.location]).toEqual([303, '/ui/runs']);
    expect(reply.headers['set-cookie']).toEqual([
      expect.stringMatching(/^skillos_session=[^;]+; path=\/ui; samesite=strict; httponly$/),
    ]);
    expect((await visitor.open('/ui/runs')).text).toContain('ann');
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/ui/../run',
    '/ui/logout',
    '/run',
    'javascript:alert(1)',
  ])('leads home instead of to %s', async (next) => {
    const visitor = new Visitor(guarded.api);
    await visitor.open(`/ui/login?next=${encodeURIComponent(next)}`);
    const reply = await visitor.submit('/ui/login', { token: await signToken(), next });
    expect(reply.headers.location).toBe('/ui/approvals');
  });

  test.each<[string, () => Promise<string>]>([
    ['none', async () => ''],
    ['nonsense', async () => 'a.b.c'],
    ['two in one', async () => `${await signToken()} ${await signToken()}`],
    ['an expired one', () => signToken({ exp: 1 })],
    ['one of another key', () => signToken({}, { key: new Uint8Array(32) })],
    ['one that no browser keeps', () => signToken({ note: 'x'.repeat(4000) })],
    ['one with broken claims', () => signToken({ roles: 7 })],
  ])('is refused with %s, and keeps nothing', async (_what, token) => {
    const visitor = new Visitor(guarded.api);
    await visitor.open('/ui/login');
    const reply = await visitor.submit('/ui/login', { token: await token() });
    expect(reply.status).toBe(401);
    expect(reply.text).toContain('role="alert"');
    expect(visitor.cookies.has('skillos_session')).toBe(false);
  });

  test('ends with signing out', async () => {
    const visitor = await approver();
    await visitor.open('/ui/approvals');
    expect((await visitor.submit('/ui/logout')).headers.location).toBe('/ui/login');
    expect((await visitor.open('/ui/approvals')).status).toBe(303);
  });

  test('counts for nothing at the API: cookies are no tokens there', async () => {
    const visitor = await approver();
    expect((await visitor.open('/runs')).status).toBe(401);
  });
});

describe('who is signed in', () => {
  async function seen(visitor: Visitor, path: string): Promise<readonly [number, boolean]> {
    const reply: ApiReply = await visitor.open(path);
    return [reply.status, reply.text.includes('name="decision"')];
  }

  test('sees and decides what their roles let them', async () => {
    const page = `/ui/runs/${await park(guarded)}`;
    expect(await seen(await approver(), page)).toEqual([200, true]);
    expect(await seen(await signedIn({ sub: 'nobody' }), page)).toEqual([404, false]);
    expect(await seen(await signedIn({ sub: 'boss', role: 'approver', tenant: 'other' }), page)).toEqual([
      404,
      false,
    ]);
    const auditor = await signedIn({ sub: 'reader', role: 'auditor' });
    expect(await seen(auditor, page)).toEqual([200, false]);
    expect((await auditor.open(page)).text).toContain('roles with it: &quot;approver&quot;');
    const fields = {
      ...hiddenFields((await auditor.open(page)).text, '/ui/logout'),
      decision: 'approved',
      digest: 'd',
    };
    expect((await auditor.submit(`${page}/decision`, fields)).status).toBe(403);
  });

  test.each([
    ['none', '', 403],
    ['another', 'a guess', 403],
    ['the right one', APPROVAL_TOKEN, 303],
  ])('decides with an approval token, where one is asked for: %s', async (_which, token, status) => {
    const page = `/ui/runs/${await park(guarded)}`;
    const boss = await approver();
    expect((await boss.open(page)).text).toMatch(/<input[^>]*name="approval_token"[^>]*type="password"/);
    const fields = { decision: 'denied', approval_token: token };
    const reply = await boss.submit(`${page}/decision`, fields);
    expect(reply.status).toBe(status);
    expect(reply.text).not.toContain(token || 'password');
    if (status === 403) expect(reply.text).toContain('approval_proof_invalid');
    expect((await boss.open(page)).text.includes('name="decision"')).toBe(status !== 303);
  });

  test('with a token that no longer counts is asked to sign in again', async () => {
    const root = guarded.deployment.root;
    const elsewhere = await openApi(root, {
      settings: { SKILLOS_JWT_SECRET: SECRET, SKILLOS_TENANT_ID: 'acme' },
    });
    try {
      for (const token of [await signToken({ tenant: 'other' }), await signToken({ exp: 1 }), 'x']) {
        const headers = { Cookie: `skillos_session=${token}` };
        expect((await elsewhere.get('/ui/runs', headers)).headers.location).toBe(
          '/ui/login?next=%2Fui%2Fruns',
        );
        expect((await elsewhere.get('/ui/login', headers)).status).toBe(200);
        expect((await local.api.get('/ui/runs', headers)).status).toBe(200);
      }
    } finally {
      await elsewhere.close();
    }
  });

  test('keeps the token for TLS alone in production', async () => {
    const api = await openApi(guarded.deployment.root, {
      settings: { SKILLOS_ENV: 'production', SKILLOS_JWT_SECRET: SECRET, SKILLOS_SERVER_KEY: 'k'.repeat(32) },
    });
    try {
      const visitor = new Visitor(api);
      await visitor.open('/ui/login');
      const { headers } = await visitor.submit('/ui/login', { token: await signToken() });
      expect(headers['set-cookie']).toEqual([expect.stringMatching(/; samesite=strict; secure; httponly$/)]);
    } finally {
      await api.close();
    }
  });
});

describe('pages that are asked for too often', () => {
  test('are not limited without sign-in, because they are of this machine', async () => {
    const settings = { SKILLOS_RATE_LIMIT_ENABLED: '1', SKILLOS_RATE_LIMIT_REQUESTS: '1' };
    const limited = await openApi(local.deployment.root, { settings });
    try {
      const visitor = new Visitor(limited);
      expect((await limited.get('/skills')).status).toBe(200);
      for (const status of [200, 200]) expect((await visitor.open('/ui/approvals')).status).toBe(status);
      expect((await limited.get('/skills')).status).toBe(429);
    } finally {
      await limited.close();
    }
  });

  test('are refused as pages, and counted with what the API counts', async () => {
    const settings = {
      SKILLOS_JWT_SECRET: SECRET,
      SKILLOS_RATE_LIMIT_ENABLED: '1',
      SKILLOS_RATE_LIMIT_REQUESTS: '3',
    };
    const limited = await openApi(guarded.deployment.root, { settings });
    try {
      const token = await signToken({ sub: 'boss', role: 'approver' });
      const visitor = new Visitor(limited);
      await visitor.open('/ui/login');
      await visitor.submit('/ui/login', { token });
      expect((await visitor.open('/ui/approvals')).headers).toMatchObject({
        ratelimit: '"default";r=2;t=60',
        'ratelimit-policy': '"default";q=3;w=60',
      });
      const authorization = `Bearer ${token}`;
      for (const status of [200, 200]) {
        expect((await limited.get('/skills', { authorization })).status).toBe(status);
      }
      const { status, headers, text } = await visitor.open('/ui/approvals');
      expect([status, headers['retry-after']]).toEqual([429, '60']);
      expect(text).toContain('rate_limited');
    } finally {
      await limited.close();
    }
  });
});

describe('who signs in', () => {
  const settings = {
    SKILLOS_JWT_SECRET: SECRET,
    SKILLOS_RATE_LIMIT_ENABLED: '1',
    SKILLOS_RATE_LIMIT_REQUESTS: '3',
  };

  test('is counted apart from the API, in both directions', async () => {
    const api = await openApi(guarded.deployment.root, { settings });
    try {
      for (const status of [401, 401, 401, 429]) expect((await api.get('/runs')).status).toBe(status);
      const visitor = new Visitor(api);
      await visitor.open('/ui/login');
      expect((await visitor.submit('/ui/login', { token: 'a.b.c' })).status).toBe(401);
      expect((await visitor.submit('/ui/login', { token: await signToken() })).status).toBe(303);
      expect((await visitor.open('/ui/runs')).status).toBe(200);
      expect((await new Visitor(api).open('/ui/login')).status).toBe(429);
      const authorization = `Bearer ${await signToken({ sub: 'zoe' })}`;
      expect((await api.get('/skills', { authorization })).status).toBe(200);
    } finally {
      await api.close();
    }
  });

  test('is counted by the address that a trusted proxy names, and by no other', async () => {
    const proxied = { ...settings, SKILLOS_TRUSTED_PROXIES: '127.0.0.0/8, ::1' };
    for (const [given, ours] of [
      [proxied, 200],
      [settings, 429],
    ] as const) {
      const api = await openApi(guarded.deployment.root, { settings: given });
      try {
        const signIn = async (forwarded: string) =>
          (await api.get('/ui/login', { 'X-Forwarded-For': forwarded })).status;
        for (const status of [200, 200, 200, 429]) expect(await signIn('203.0.113.5')).toBe(status);
        expect(await signIn('198.51.100.9, 203.0.113.5')).toBe(429); // its own word about itself
        expect(await signIn('203.0.113.6')).toBe(ours);
        expect((await api.get('/runs', { 'X-Forwarded-For': '203.0.113.5' })).status).toBe(401);
      } finally {
        await api.close();
      }
    }
  });
});

describe('runs', () => {
  test('are listed by status, newest first', async () => {
    const runId = await start(local, { skill: 'test/echo', status: 'success' });
    const { text } = await new Visitor(local.api).open('/ui/runs?status=success');
    expect(text).toContain(`/ui/runs/${runId}`);
    expect(text).not.toContain('awaiting approval:');
    expect((await new Visitor(local.api).open('/ui/runs?status=cancelled')).text).not.toContain(runId);
  });

  test('show steps, output and cost', async () => {
    const runId = await start(local, { skill: 'test/echo', status: 'success' });
    const { text } = await new Visitor(local.api).open(`/ui/runs/${runId}`);
    for (const shown of ['success', '1. test/echo', 'echo &lt;img', 'asker']) expect(text).toContain(shown);
    expect(text).not.toContain('EventSource');
  });

  test('that wait are followed until they end', async () => {
    const runId = await park();
    const visitor = new Visitor(local.api);
    const { text } = await visitor.open(`/ui/runs/${runId}`);
    expect(text).toContain(`data-events="/ui/runs/${runId}/events"`);
    const followed = local.api.get(`/ui/runs/${runId}/events`);
    await visitor.submit(`/ui/runs/${runId}/decision`, { decision: 'approved' });
    const reply = await followed;
    expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const events = reply.text.split('\n\n').filter((event) => event.startsWith('event: '));
    expect(events.at(-1)).toBe('event: over\ndata:');
    const last = /^data: (.*)$/m.exec(events.at(-2) ?? '')?.[1] ?? '{}';
    expect(JSON.parse(last)).toMatchObject({
      status: 'success',
      parts: { standing: expect.stringContaining('success'), 'step-1': expect.stringContaining('test/wipe') },
    });
  });
});

describe('whatever is sent', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom(
      '../../etc/passwd',
      '\0',
      '%00',
      '\r\nSet-Cookie: a=b',
      '<script>',
      '__proto__',
      '💥'.repeat(99),
    ),
  );

  test('is answered with a page that says what is wrong, and changes nothing', async () => {
    const runId = await park();
    const visitor = new Visitor(local.api);
    await visitor.open(`/ui/runs/${runId}`);
    const paths = ['/ui/login', '/ui/logout', `/ui/runs/${runId}/decision`];
    await fc.assert(
      fc.asyncProperty(hostile, hostile, fc.constantFrom(...paths), async (name, value, path) => {
        const asked = [
          await visitor.open(`/ui/runs/${encodeURIComponent(Buffer.from(name).toString())}`),
          await visitor.open(`/ui/runs?${new URLSearchParams({ after: name, status: value }).toString()}`),
          await visitor.open(`/ui/login?${new URLSearchParams({ next: value, [name]: value }).toString()}`),
          await visitor.submit(path, { [name]: value, digest: value, token: value }),
          await visitor.post(path, { [name]: value }, { Origin: local.api.url }),
        ];
        expect(asked.filter(({ status }) => status >= 500)).toEqual([]);
        expect(asked.filter(({ text }) => text.includes('<script>'))).toEqual([]);
        await visitor.open(`/ui/runs/${runId}`); // for the cookie that signing out takes away
      }),
      { numRuns: 100 },
    );
    expect((await recordOf(runId)).status).toBe('awaiting_approval');
  });
});
