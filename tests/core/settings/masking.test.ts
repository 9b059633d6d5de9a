import * as fc from 'fast-check';
import { MASK, masker, secretsOf } from '../../../core/settings/masking.ts';
import type { JsonValue } from '../../../core/json.ts';

const LONG = 'canary-of-the-approval-token';
const SHA = 'a3f5c0de'.repeat(8);

describe('masker', () => {
  test.each<[string, readonly string[], JsonValue, JsonValue]>([
    ['a long secret anywhere in a text', [LONG], `x${LONG}y`, `x${MASK}y`],
    ['every time', [LONG], `${LONG} ${LONG}`, `${MASK} ${MASK}`],
    ['deep inside', [LONG], { a: [{ b: LONG }, 1, null, true] }, { a: [{ b: MASK }, 1, null, true] }],
    ['no name of a field', [LONG], { [LONG]: 1 }, { [LONG]: 1 }],
    ['what a pattern would read otherwise', ['a.b*c(d)'], 'a.b*c(d) axb', `${MASK} axb`],
    ['the longer of two that begin alike', ['password', 'password-and-more'], 'password-and-more', MASK],
    ['a short secret as a word', ['abc'], 'token abc, "abc" abcd xabc', `token ${MASK}, "${MASK}" abcd xabc`],
    [
      'no short secret inside an id',
      ['travel'],
      'travel/search travel.x a-travel',
      'travel/search travel.x a-travel',
    ],
    [
      'no secret of middle length in an id',
      ['postgres'],
      { skill_id: 'db/postgres_dump' },
      { skill_id: 'db/postgres_dump' },
    ],
    [
      'a secret of middle length elsewhere',
      ['postgres'],
      { reason: 'as postgres' },
      { reason: `as ${MASK}` },
    ],
    ['a long secret even in an id', [LONG], { request_id: LONG }, { request_id: MASK }],
    ['ids in lists', ['postgres'], { plan_id: ['postgres'] }, { plan_id: ['postgres'] }],
    ['letters of every script', ['пароль-от-базы'], 'вот пароль-от-базы', `вот ${MASK}`],
    [
      'fields that hold secrets by their name',
      [],
      {
        Authorization: 'Bearer x',
        a: { approval_token: 'x', apiKey: [1], client_secret: 'y' },
        token_count: 3,
      },
      { Authorization: MASK, a: { approval_token: MASK, apiKey: MASK, client_secret: MASK }, token_count: 3 },
    ],
    ['nothing where there is no secret', ['', ''], 'as it was', 'as it was'],
  ])('masks %s', (_what, secrets, value, expected) => {
    expect(masker(secrets)(value)).toEqual(expected);
  });

  test('knows the fields that hold secrets also after more fields than it remembers', () => {
    const fields = Array.from({ length: 1200 }, (_, n) => [`field_${n}`, 'open'] as const);
    const line = { ...Object.fromEntries(fields), some_new_token: 'hidden', some_new_id: 'open' };
    const mask = masker([]);
    for (const _time of [1, 2]) expect(mask(line)).toEqual({ ...line, some_new_token: MASK });
  });

  test('changes no hash, id or time for any secrets', () => {
    const line = {
      timestamp: '2026-01-18T05:00:00.000Z',
      event: 'request_received',
      request_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      run_id: 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV',
      query_hash: SHA,
      due_at: '2026-01-18T08:00:00+03:00',
      plan_digest: 7,
    };
    const piece = fc.oneof(
      fc.string({ maxLength: 15 }),
      fc
        .constantFrom(SHA, line.run_id, line.timestamp)
        .chain((text) => fc.integer({ min: 0, max: text.length - 15 }).map((at) => text.slice(at, at + 15))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), (secrets) => {
        expect(masker(secrets)(line)).toEqual(line);
      }),
    );
  });

  test('leaves no long secret in any text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!MASK.includes(secret));
        const masked = masker([secret])(before + secret + after) as string;
        expect(masked.split(MASK).join('\n')).not.toContain(secret);
      }),
    );
  });
});

describe('secretsOf', () => {
  test.each<[Parameters<typeof secretsOf>[0], readonly string[]]>([
    [{ tenant: 'acme', jwtToken: '@token.jwt' }, []],
    [{ serverKey: 'k'.repeat(32), jwtToken: 'eyJ' }, ['k'.repeat(32), 'eyJ']],
    [
      { postgresDsn: 'postgres://ann:p%40ss@db.example/x' },
      ['postgres://ann:p%40ss@db.example/x', 'p%40ss', 'p@ss'],
    ],
    [{ postgresDsn: 'postgres://ann:100%@db/y' }, ['postgres://ann:100%@db/y', '100%']],
  ])('finds the values of secret settings and the passwords in addresses: %j', (config, expected) => {
    expect([...secretsOf(config)].sort()).toEqual([...expected].sort());
  });
});
