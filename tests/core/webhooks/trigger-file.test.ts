import { parseTriggerFile } from '../../../core/webhooks/trigger-file.ts';
import { principalOf } from '../../../core/webhooks/trigger.ts';
import type { Trigger } from '../../../core/webhooks/trigger.ts';

const parse = (...entries: readonly unknown[]) => parseTriggerFile(JSON.stringify({ webhooks: entries }));

test('reads an entry with all fields', () => {
  expect(
    parse({
      id: 'orders',
      skill_id: 'ops.first',
      secret: 'secret:ORDERS_KEY',
      scheme: 'stripe',
      payload: '/data/object',
      idempotency: '/id',
      rate_limit: { requests: 5, window_seconds: 60 },
      principal: { subject: 'stripe', roles: ['ops'] },
    }),
  ).toEqual({
    triggers: [
      {
        id: 'orders',
        skill: 'ops/first',
        secretName: 'ORDERS_KEY',
        scheme: 'stripe',
        payload: '/data/object',
        idempotency: { kind: 'pointer', pointer: '/id' },
        rateLimit: { requests: 5, windowSeconds: 60 },
        principal: { subject: 'stripe', roles: ['ops'] },
      },
    ],
    problems: [],
  });
});

test('reads the least, by the names of the predecessor too', () => {
  const { triggers } = parseTriggerFile('{"triggers": [{"trigger_id": "a", "skill_id": "ops/first"}]}');
  expect(triggers).toEqual([{ id: 'a', skill: 'ops/first', scheme: 'skillos' }]);
});

test('reads a header as the source of keys', () => {
  const { triggers } = parse({ id: 'a', skill_id: 'ops/first', idempotency: 'header:X-Id' });
  expect(triggers[0]?.idempotency).toEqual({ kind: 'header', name: 'X-Id' });
});

test('takes SKILLOS_WEBHOOK_SECRET by name', () => {
  const { triggers } = parse({ id: 'a', skill_id: 'ops/first', secret: 'secret:SKILLOS_WEBHOOK_SECRET' });
  expect(triggers[0]?.secretName).toBe('SKILLOS_WEBHOOK_SECRET');
});

const GOOD = { id: 'good', skill_id: 'ops/first' };

test.each<readonly [unknown, string, string]>([
  [7, 'webhooks[0]', 'Invalid input: expected object, received number'],
  [{ skill_id: 'ops/first' }, 'webhooks[0]', 'expected one of id and trigger_id'],
  [{ id: 'a', trigger_id: 'a', skill_id: 'ops/first' }, 'a', 'expected one of id and trigger_id'],
  [{ id: '../a', skill_id: 'ops/first' }, 'webhooks[0]', 'id "../a": expected 1 to 63 of'],
  [{ id: 7, skill_id: 'ops/first' }, 'webhooks[0]', 'id expected 1 to 63 of'],
  [{ trigger_id: 'a', skill_id: 'first' }, 'a', 'skill_id "first": expected domain/name'],
  [{ id: 'a' }, 'a', 'skill_id expected domain/name'],
  [{ ...GOOD, id: 'a', secret: 'sesame' }, 'a', 'secret expected secret:KEY'],
  [{ ...GOOD, id: 'a', secret: 'secret:SKILLOS_SERVER_KEY' }, 'a', 'expected secret:KEY'],
  [{ ...GOOD, id: 'a', secret: 'secret:DATABASE_URL' }, 'a', 'expected secret:KEY'],
  [{ ...GOOD, id: 'a', secret: 'secret:TEMPORAL_API_KEY' }, 'a', 'expected secret:KEY'],
  [{ ...GOOD, id: 'a', scheme: 'paypal' }, 'a', 'scheme expected one of skillos, standard'],
  [{ ...GOOD, id: 'a', payload: 'data' }, 'a', 'payload "data": expected a JSON pointer'],
  [{ ...GOOD, id: 'a', idempotency: 'header:X Y' }, 'a', 'idempotency "header:X Y": expected a JSON pointer'],
  [{ ...GOOD, id: 'a', rate_limit: { requests: 0, window_seconds: 1 } }, 'a', 'rate_limit.requests'],
  [
    { ...GOOD, id: 'a', rate_limit: { requests: 1 } },
    'a',
    'rate_limit.window_seconds expected a whole number',
  ],
  [{ ...GOOD, id: 'a', principal: { subject: 'a\u0000' } }, 'a', 'principal.subject'],
  [{ ...GOOD, id: 'a', secrets: 'x' }, 'a', 'unknown field "secrets"'],
])('entry %j breaks only itself', (entry, name, message) => {
  const { triggers, problems } = parse(entry, GOOD);
  expect(triggers.map(({ id }) => id)).toEqual(['good']);
  const field = expect.stringMatching(/^webhooks\.0(\.|$)/) as string;
  expect(problems).toEqual([{ entry: name, field, message: expect.stringContaining(message) as string }]);
});

test('a problem says where its field is, under the name that the list has', () => {
  const { problems } = parseTriggerFile('{"triggers": [{"trigger_id": "a", "skill_id": "b"}]}');
  expect(problems).toMatchObject([{ entry: 'a', field: 'triggers.0.skill_id' }]);
});

test('a secret in the file is not quoted: the list of triggers shows the problem', () => {
  const { problems } = parse({ ...GOOD, secret: 'whsec_c2VzYW1l' });
  expect(JSON.stringify(problems)).not.toContain('c2VzYW1l');
});

test('an id that two entries have is nobody’s', () => {
  expect(parse(GOOD, GOOD, { id: 'b', skill_id: 'ops/first' })).toEqual({
    triggers: [{ id: 'b', skill: 'ops/first', scheme: 'skillos' }],
    problems: [{ entry: 'good', field: 'webhooks.1', message: 'expected an id that no other entry has' }],
  });
});

test.each([
  ['{', 'it is not JSON'],
  ['[]', 'expected an object with the list "webhooks"'],
  ['{}', 'expected an object with the list "webhooks"'],
  ['{"webhooks": {}}', 'expected an object with the list "webhooks"'],
  ['{"webhooks": [], "webhooks": []}', 'the name "webhooks" is repeated or reserved'],
  ['{"webhooks": [], "__proto__": 1}', 'the name "__proto__" is repeated or reserved'],
])('refuses the file %s', (text, message) => {
  expect(() => parseTriggerFile(text)).toThrow(`Invalid triggers/webhooks.json: ${message}`);
});

test('the principal of a trigger is nobody else', () => {
  const [trigger] = parse(GOOD).triggers as readonly [Trigger];
  expect(principalOf(trigger)).toEqual({ subject: 'webhook:good', roles: [], via: 'local' });
  expect(principalOf({ ...trigger, principal: { subject: 'ann', roles: ['ops'] } })).toEqual({
    subject: 'ann',
    roles: ['ops'],
    via: 'local',
  });
});
