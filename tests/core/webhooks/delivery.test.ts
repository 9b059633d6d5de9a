import { attachmentRef } from '../../../core/attachments/attachment.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { challengeOf, keyOf, parseDelivery, payloadOf } from '../../../core/webhooks/delivery.ts';
import { SCHEMES } from '../../../core/webhooks/scheme.ts';
import type { Trigger } from '../../../core/webhooks/trigger.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const delivered = (body: object) => parseDelivery(bytes(JSON.stringify(body)));
const trigger = (changes: Partial<Trigger> = {}): Trigger => ({
  id: 'a',
  skill: parseSkillId('ops/first'),
  scheme: 'skillos',
  ...changes,
});

const REF = attachmentRef(
  { filename: 'a b.txt', contentType: 'text/plain', data: 'aGk=', sizeBytes: 2 },
  {
    requestId: '01KAP3M2Q4V8Z0W6T5R7Y9X1BC',
    id: '4b8f0a3e-0000-4000-8000-000000000000',
    safeName: 'a_b.txt',
  },
);

test('attachmentRef says where the file is', () => {
  expect(REF).toEqual({
    id: '4b8f0a3e-0000-4000-8000-000000000000',
    filename: 'a b.txt',
    content_type: 'text/plain',
    size_bytes: 2,
    reference: 'attachments/01KAP3M2Q4V8Z0W6T5R7Y9X1BC/4b8f0a3e-0000-4000-8000-000000000000_a_b.txt',
  });
});

describe('parseDelivery', () => {
  test.each([
    [bytes('[]'), 'Expected the body to be a JSON object'],
    [bytes('null'), 'Expected the body to be a JSON object'],
    [bytes('"a"'), 'Expected the body to be a JSON object'],
    [bytes(''), 'The body is not valid JSON'],
    [bytes('{"a":1,"a":2}'), 'The body repeats a name in an object'],
    [new Uint8Array([0x7b, 0xff, 0x7d]), 'The body is not UTF-8'],
  ])('refuses %s', (body, message) => {
    expect(() => parseDelivery(body)).toThrow(message);
  });
});

describe('payloadOf', () => {
  test.each([
    [{}, { payload: 'hi', other: 1 }, 'hi'],
    [{}, { payload: { a: 'é' } }, '{"a":"é"}'],
    [{}, { payload: null }, 'null'],
    [{}, { a: 1 }, '{"a":1}'],
    [{ payload: '/data/object' }, { data: { object: { id: 7 } } }, '{"id":7}'],
    [{ payload: '/data/object' }, { data: { object: 'text' } }, 'text'],
    [{ payload: '' }, { payload: 1 }, '{"payload":1}'],
  ])('%j of %j', (changes, body, expected) => {
    expect(payloadOf(trigger(changes), delivered(body), [])).toBe(expected);
  });

  test('keeps the body as it was sent where it is the payload', () => {
    expect(payloadOf(trigger(), parseDelivery(bytes('{ "a" : 1 }')), [])).toBe('{ "a" : 1 }');
  });

  test.each([
    [{ payload: 'hi' }, 'hi'],
    [{ a: 1, attachments: [], idempotency_key: 'k' }, { a: 1 }],
  ])('wraps the payload of %j beside attachments', (body, expected) => {
    expect(JSON.parse(payloadOf(trigger(), delivered(body), [REF]) as string)).toEqual({
      payload: expected,
      attachments: [REF],
    });
  });

  test('refuses a body that has nothing at the pointer', () => {
    expect(() => payloadOf(trigger({ payload: '/data' }), delivered({}), [])).toThrow(
      expect.objectContaining({
        code: 'payload_missing',
        message: 'Expected the body to have a value at "/data"',
      }),
    );
  });
});

describe('keyOf', () => {
  const headers: Readonly<Record<string, string>> = {
    'webhook-id': 'msg_1',
    'X-GitHub-Delivery': 'guid',
    'X-Id': 'from-header',
  };
  const header = (name: string) => headers[name];
  const body = { idempotency_key: 42, id: 'evt_1', event_id: 'Ev1', data: { key: 'deep', list: [] } };
  const { idempotency_key: _, ...bare } = body;

  test.each<readonly [string, Partial<Trigger>, object, string | undefined, string | undefined]>([
    ['the given one first', {}, body, 'given', 'given'],
    [
      'a header of the trigger',
      { idempotency: { kind: 'header', name: 'X-Id' } },
      body,
      undefined,
      'from-header',
    ],
    [
      'a pointer of the trigger',
      { idempotency: { kind: 'pointer', pointer: '/data/key' } },
      body,
      undefined,
      'deep',
    ],
    ['else idempotency_key', { idempotency: { kind: 'pointer', pointer: '/none' } }, body, undefined, '42'],
    ['no list', { idempotency: { kind: 'pointer', pointer: '/data/list' } }, bare, undefined, undefined],
    ['idempotency_key', {}, body, undefined, '42'],
    ['webhook-id', { scheme: 'standard' }, bare, undefined, 'msg_1'],
    ['X-GitHub-Delivery', { scheme: 'github' }, bare, undefined, 'guid'],
    ['Stripe’s id', { scheme: 'stripe' }, bare, undefined, 'evt_1'],
    ['Slack’s event_id', { scheme: 'slack' }, bare, undefined, 'Ev1'],
    ['none', {}, bare, undefined, undefined],
  ])('%s', (_name, changes, sent, given, expected) => {
    expect(keyOf(trigger(changes), delivered(sent), { header, given })).toBe(expected);
  });
});

describe('challengeOf', () => {
  test.each(SCHEMES)('%s', (scheme) => {
    const asked = delivered({ type: 'url_verification', challenge: 'abc' });
    expect(challengeOf(scheme, asked)).toBe(scheme === 'slack' ? 'abc' : undefined);
  });

  test.each([{ type: 'event_callback', challenge: 'abc' }, { type: 'url_verification' }])(
    'not of %j',
    (body) => {
      expect(challengeOf('slack', delivered(body))).toBeUndefined();
    },
  );
});
