import { schemeOf, SCHEMES } from '../../../core/webhooks/scheme.ts';
import type { HeaderOf, SchemeName } from '../../../core/webhooks/scheme.ts';
import { faultOf } from '../../../core/webhooks/signature.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function headerOf(headers: Readonly<Record<string, string>>): HeaderOf {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => lower.get(name.toLowerCase());
}

interface Vector {
  readonly scheme: SchemeName;
  readonly secret: string;
  readonly body: string;
  /** Unix seconds. */
  readonly now: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Published by the authors of the schemes; Stripe's and ours made by stripe-node 23.1.0 and `openssl dgst`. */
const VECTORS: readonly Vector[] = [
  {
    // https://github.com/standard-webhooks/standard-webhooks, tests of its libraries
    scheme: 'standard',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    body: '{"test": 2432232314}',
    now: 1614265330,
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
  },
  {
    // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    scheme: 'github',
    secret: "It's a Secret to Everybody",
    body: 'Hello, World!',
    now: 0,
    headers: {
      'X-Hub-Signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
  },
  {
    // https://docs.slack.dev/authentication/verifying-requests-from-slack
    scheme: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    now: 1531420618,
    headers: {
      'X-Slack-Request-Timestamp': '1531420618',
      'X-Slack-Signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
  },
  {
    scheme: 'stripe',
    secret: 'whsec_test_secret',
    body: '{"id":"evt_test_webhook","object":"event"}',
    now: 1492774577,
    headers: {
      'Stripe-Signature':
        't=1492774577,v1=88a022085c6bdb887b02cb26ff76dd681234d9675c0f22844059f55552a8883a,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39',
    },
  },
  {
    scheme: 'skillos',
    secret: 'whsec_test_secret',
    body: '{"id":"evt_test_webhook","object":"event"}',
    now: 1492774577,
    headers: {
      'X-SkillOS-Signature':
        't=1492774577, v1=88a022085c6bdb887b02cb26ff76dd681234d9675c0f22844059f55552a8883a',
    },
  },
];

const verify = ({ scheme, secret, body, now, headers }: Vector, changes: object = {}) =>
  faultOf({
    scheme,
    header: headerOf(headers),
    body: bytes(body),
    secrets: [secret],
    now: now * 1000,
    ...changes,
  });

describe.each(VECTORS)('faultOf with the vector of $scheme', (vector) => {
  const { scheme, secret, body, now, headers } = vector;

  test('accepts it', () => {
    expect(verify(vector)).toBeUndefined();
  });

  test('accepts it while several secrets are valid', () => {
    expect(verify(vector, { secrets: ['another', secret] })).toBeUndefined();
  });

  test('refuses another body, another secret and other headers', () => {
    expect(verify(vector, { body: bytes(`${body} `) })).toBe('signature_wrong');
    expect(verify(vector, { secrets: ['another'] })).toBe('signature_wrong');
    expect(verify(vector, { secrets: [] })).toBe('secret_missing');
    expect(verify(vector, { header: () => undefined })).toBe('signature_missing');
    expect(verify(vector, { header: headerOf({ [schemeOf(scheme).header]: 'v1' }) })).toBe(
      'signature_malformed',
    );
  });

  test('refuses it as stale 301 s away from its time, in either direction', () => {
    const isTimed = scheme !== 'github';
    for (const away of [-301, 301]) {
      expect(verify(vector, { now: (now + away) * 1000 })).toBe(isTimed ? 'signature_stale' : undefined);
    }
    for (const away of [-300, 300]) expect(verify(vector, { now: (now + away) * 1000 })).toBeUndefined();
  });

  test('signs as its author does', () => {
    const id = headers['webhook-id'] ?? 'msg_1';
    const signed = schemeOf(scheme).headers({ secret, body: bytes(body), now, id });
    const { header } = schemeOf(scheme);
    const [given = ''] = (headers[header] ?? '').replace(', v1', ',v1').split(',v0');
    expect(signed[header]).toBe(given);
  });
});

test.each(SCHEMES)('%s accepts what it signs', (scheme) => {
  const signing = { secret: 'sesame', body: bytes('{}'), now: 1700000000, id: 'msg_1' };
  const header = headerOf(schemeOf(scheme).headers(signing));
  const verification = { scheme, header, body: bytes('{}'), secrets: ['sesame'], now: 1700000000_000 };
  expect(faultOf(verification)).toBeUndefined();
});

describe('rotation by the sender', () => {
  const GOOD = VECTORS[4]?.headers['X-SkillOS-Signature']?.split('v1=')[1] ?? '';
  const BAD = '0'.repeat(64);

  test.each([
    [`t=1492774577,v1=${BAD},v1=${GOOD}`, undefined],
    [`t=1492774577,v1=${GOOD},v1=${BAD},k=1`, undefined],
    [`t=1492774577,v1=${BAD}`, 'signature_wrong'],
    [`t=1492774577,v1=${GOOD},t=1492774577`, 'signature_malformed'],
    [`t=now,v1=${GOOD}`, 'signature_malformed'],
    [`v1=${GOOD}`, 'signature_malformed'],
    ['t=1492774577', 'signature_malformed'],
    ['t=1492774577,v1=', 'signature_malformed'],
    ['t=1492774577,v1', 'signature_malformed'],
    [`t=1492774577,v1=${GOOD.toUpperCase()}`, 'signature_malformed'],
    [`t=1492774577${`,v1=${GOOD}`.repeat(17)}`, 'signature_malformed'],
    ['', 'signature_missing'],
  ])('%s', (header, fault) => {
    const vector = VECTORS[4] as Vector;
    expect(verify({ ...vector, headers: { 'X-SkillOS-Signature': header } })).toBe(fault);
  });
});

describe('Standard Webhooks', () => {
  const vector = VECTORS[0] as Vector;
  const { 'webhook-signature': good = '' } = vector.headers;

  test.each([
    [`v1,AAAA ${good}`, undefined],
    [`v1a,AAAA ${good}`, undefined],
    ['v2,AAAA', 'signature_malformed'],
    [Array.from({ length: 17 }, () => good).join(' '), 'signature_malformed'],
  ])('%s', (signature, fault) => {
    expect(verify({ ...vector, headers: { ...vector.headers, 'webhook-signature': signature } })).toBe(fault);
  });

  test.each([['webhook-id'], ['webhook-timestamp']])('refuses it without %s', (name) => {
    expect(verify({ ...vector, headers: { ...vector.headers, [name]: '' } })).toBe('signature_malformed');
  });

  test.each([['whsec_'], ['whsec_not base64'], ['whsec_abc']])('knows no secret %j', (secret) => {
    expect(verify({ ...vector, secret })).toBe('secret_invalid');
    expect(verify(vector, { secrets: [secret, vector.secret] })).toBeUndefined();
    const signing = { secret, body: bytes(''), now: 1, id: 'msg_1' };
    expect(schemeOf('standard').headers(signing)).toHaveProperty('webhook-signature');
  });
});
