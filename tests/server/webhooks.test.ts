/** `POST /webhooks/{id}`: what is refused, how alike the refusals are, and that they leave nothing behind. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { schemeOf } from '../../core/webhooks/scheme.ts';
import type { SchemeName } from '../../core/webhooks/scheme.ts';
import { openApi } from '../support/api.ts';
import type { ApiReply, TestApi } from '../support/api.ts';
import { rootWith } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { writeFiles } from '../support/write-files.ts';

const TRIGGERS = {
  webhooks: [
    { id: 'own', skill_id: 'test/echo', secret: 'secret:OWN_KEY' },
    { id: 'default', skill_id: 'test/echo' },
    { id: 'unset', skill_id: 'test/echo', secret: 'secret:UNSET_KEY' },
    { id: 'slack', skill_id: 'test/echo', scheme: 'slack' },
    { id: 'picked', skill_id: 'test/echo', payload: '/data/object' },
    { id: 'typed', skill_id: 'test/typed' },
    { id: 'gone', skill_id: 'test/gone' },
    { id: 'slow', skill_id: 'test/echo', rate_limit: { requests: 2, window_seconds: 60 } },
    { id: 'broken' },
  ],
};

const SKILLS = {
  'test/echo': { code: 'export const run = (payload: unknown) => payload;' },
  'test/typed': {
    code: 'export const run = (payload: unknown) => payload;',
    manifest: 'inputs: {type: object, properties: {amount: {type: number}}, required: [amount]}\n',
  },
};

let root: string;
let api: TestApi;

beforeAll(async () => {
  root = rootWith(SKILLS);
  writeFiles(root, {
    'triggers/webhooks.json': JSON.stringify(TRIGGERS),
    'secrets/.env': 'OWN_KEY=own,older\n',
  });
  api = await openApi(root, {
    settings: {
      SKILLOS_WEBHOOK_SECRET: 'sesame',
      SKILLOS_WEBHOOK_MAX_BODY_BYTES: '100000',
      SKILLOS_ATTACHMENT_MAX_SIZE_BYTES: '1000',
      SKILLOS_RATE_LIMIT_ENABLED: '1',
    },
  });
});

afterAll(() => api.close());

interface Sending {
  readonly secret?: string;
  readonly scheme?: SchemeName;
  readonly headers?: Readonly<Record<string, string>>;
}

function send(trigger: string, body: string | Uint8Array | object, sending: Sending = {}): Promise<ApiReply> {
  const { secret = 'sesame', scheme = 'skillos', headers = {} } = sending;
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const raw = Buffer.from(isRaw ? body : JSON.stringify(body));
  const signed = schemeOf(scheme).headers({
    secret,
    body: raw,
    now: Math.floor(Date.now() / 1000),
    id: 'msg_1',
  });
  return api.send('POST', `/webhooks/${trigger}`, { raw, headers: { ...signed, ...headers } });
}

/** Attachments, and what names them; the claim of a key is only a name. */
function stored(): readonly string[] {
  return ['attachments', 'runtime/records/attachments'].flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [],
  );
}

const alike = ({ status, body, headers }: ApiReply) => ({
  status,
  body: { ...body, request_id: '' },
  names: Object.keys(headers).sort(),
});

const NOT_SIGNED = { headers: { 'X-SkillOS-Signature': '' } };

describe('refusals', () => {
  const cases: readonly (readonly [string, string, Sending])[] = [
    ['an unknown trigger', 'nothing', {}],
    ['a trigger that is not valid', 'broken', {}],
    ['a trigger whose secret is missing', 'unset', {}],
    ['a wrong secret', 'own', { secret: 'wrong' }],
    ['the default secret for a trigger with its own', 'own', {}],
    ['no signature', 'default', NOT_SIGNED],
    ['another scheme', 'default', { scheme: 'github' }],
    ['a stale signature', 'default', { headers: { 'X-SkillOS-Signature': `t=1,v1=${'0'.repeat(64)}` } }],
    ['a malformed signature', 'default', { headers: { 'X-SkillOS-Signature': 'sha256=1' } }],
  ];

  test.each(cases)('%s is refused like every other', async (_name, trigger, sending) => {
    const reply = await send(trigger, { a: 1 }, sending);
    expect(alike(reply)).toEqual(alike(await send('nothing', { a: 1 })));
    expect([reply.status, reply.body['code'], reply.body['detail']]).toEqual([
      401,
      'webhook_rejected',
      'The delivery is not accepted',
    ]);
  });

  test('the event log says which it was', async () => {
    await send('nothing', { a: 1 });
    await send('unset', { a: 1 });
    await send('own', { a: 1 }, { secret: 'wrong' });
    await eventually(async () => {
      const log = readFileSync(join(root, 'logs', 'execution.log'), 'utf8');
      const events = log
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const reasons = new Map(events.map(({ trigger_id: id, reason }) => [id, reason]));
      expect([reasons.get('nothing'), reasons.get('unset'), reasons.get('own')]).toEqual([
        'trigger_unknown',
        'secret_missing',
        'signature_wrong',
      ]);
      expect(log).not.toContain('sesame');
    });
  });

  test('unknown triggers and wrong signatures take much the same time', async () => {
    const times = { nothing: [] as number[], own: [] as number[] };
    const body = JSON.stringify({ text: 'x'.repeat(50_000) });
    for (let round = 0; round < 40; round++) {
      for (const trigger of ['nothing', 'own'] as const) {
        const began = performance.now();
        await send(trigger, body, { secret: 'wrong' });
        times[trigger].push(performance.now() - began);
      }
    }
    const quartiles = (list: number[]) => list.sort((a, b) => a - b).filter((_, i) => i === 10 || i === 30);
    const [low = 0, high = 0] = quartiles(times.nothing);
    const [otherLow = 0, otherHigh = 0] = quartiles(times.own);
    expect(otherLow).toBeLessThan(high);
    expect(low).toBeLessThan(otherHigh);
  });
});

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const EXE = Buffer.concat([Buffer.from('MZ\x90\0', 'latin1'), Buffer.alloc(100)]).toString('base64');
const file = (changes: object = {}) => ({
  filename: 'a.png',
  content_type: 'image/png',
  data: PNG,
  ...changes,
});
const attached = (...attachments: readonly unknown[]) => ({
  payload: 'hi',
  attachments,
  idempotency_key: 'k',
});

describe('after the signature', () => {
  test.each<readonly [string, string, string | Uint8Array | object, number, string]>([
    ['a list', 'default', '[]', 400, 'body_invalid'],
    ['a text', 'default', 'hello', 400, 'body_invalid'],
    ['bytes that are no UTF-8', 'default', new Uint8Array([0xff]), 400, 'body_invalid'],
    ['a repeated name', 'default', '{"a":1,"a":2}', 400, 'body_invalid'],
    ['nothing at the pointer', 'picked', { data: {} }, 400, 'payload_missing'],
    [
      '17 attachments',
      'default',
      attached(...Array.from({ length: 17 }, () => file())),
      422,
      'attachment_invalid',
    ],
    ['a PNG that is an EXE', 'default', attached(file({ data: EXE })), 422, 'attachment_type_mismatch'],
    [
      'a text that is an EXE',
      'default',
      attached(file({ content_type: 'text/plain', data: EXE })),
      422,
      'attachment_type_mismatch',
    ],
    [
      'a good one and a bad one',
      'default',
      attached(file(), file({ data: EXE })),
      422,
      'attachment_type_mismatch',
    ],
    ['base64 with blanks', 'default', attached(file({ data: `${PNG} ` })), 422, 'attachment_invalid'],
    ['a path as name', 'default', attached(file({ filename: '../../x' })), 422, 'attachment_invalid'],
    ['a device as name', 'default', attached(file({ filename: 'CON' })), 422, 'attachment_invalid'],
    [
      'a name of 300 characters',
      'default',
      attached(file({ filename: 'x'.repeat(300) })),
      422,
      'attachment_invalid',
    ],
    ['a name with NUL', 'default', attached(file({ filename: 'a\u0000.png' })), 422, 'attachment_invalid'],
    [
      'a large attachment',
      'default',
      attached(file({ data: 'A'.repeat(2000) })),
      413,
      'attachment_too_large',
    ],
    [
      'a payload that does not fit',
      'typed',
      { payload: { amount: 'x' }, idempotency_key: 'k' },
      422,
      'input_invalid',
    ],
    ['a skill that is gone', 'gone', { idempotency_key: 'k' }, 404, 'unknown_skill'],
    ['no engine', 'default', attached(file()), 503, 'engine_unreachable'],
  ])('%s is refused and leaves nothing', async (_name, trigger, body, status, code) => {
    const reply = await send(trigger, body);
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
    expect(stored()).toEqual([]);
    expect(existsSync(join(root, 'runtime', 'records', 'runs'))).toBe(false);
  });

  test('either secret of a list counts', async () => {
    for (const secret of ['own', 'older']) {
      expect((await send('own', {}, { secret })).status).toBe(503); // accepted, but there is no engine
    }
  });

  test('Slack’s challenge is sent back, and enqueues nothing', async () => {
    const asked = { type: 'url_verification', challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmd', token: 't' };
    const { status, text } = await send('slack', asked, { scheme: 'slack' });
    expect([status, text]).toEqual([200, '{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmd"}']);
    expect((await send('slack', asked, { scheme: 'slack', secret: 'wrong' })).status).toBe(401);
  });

  test('a trigger has a rate limit of its own, which refused signatures do not use up', async () => {
    await send('slow', {}, { secret: 'wrong' });
    const statuses = [];
    for (let sent = 0; sent < 3; sent++) statuses.push((await send('slow', {})).status);
    expect(statuses).toEqual([503, 503, 429]);
  });
});

describe('the body', () => {
  test('may have any content type, but no encoding', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send('default', 'a=1', { headers })).status).toBe(400);
    expect((await send('default', '{}', { headers: { 'content-encoding': 'gzip' } })).status).toBe(415);
  });

  test('is read up to its limit, before anything else', async () => {
    const reply = await send('nothing', 'x'.repeat(100_001));
    expect([reply.status, reply.body['code']]).toEqual([413, 'body_too_large']);
  });
});

test('an edit of the triggers counts at once, and a broken file refuses all', async () => {
  writeFiles(root, { 'triggers/webhooks.json': '{' });
  expect((await send('default', {})).status).toBe(401);
  writeFiles(root, { 'triggers/webhooks.json': JSON.stringify(TRIGGERS) });
  expect((await send('default', {})).status).toBe(503);
});
