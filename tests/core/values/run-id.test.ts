import {
  requestedAtOf,
  isRunId,
  parseRunId,
  requestIdOf,
  requestTimesOf,
  runIdAt,
  runIdOf,
  runKey,
  runLogName,
  shortRunId,
} from '../../../core/values/run-id.ts';

const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV'; // the example of the ULID specification: 1469922850259 ms
const RUN = `travel.search_flights-${ULID}`;
const FIRED = 'acme.nightly-2027-01-18T05:00:00Z-2';
const LONGEST = `${'a'.repeat(63)}.${'b'.repeat(63)}-${ULID}`;

describe('runIdOf', () => {
  test('joins name and ULID', () => {
    expect(runIdOf('travel.search_flights', ULID)).toBe(RUN);
  });
});

describe('isRunId', () => {
  test.each([RUN, `pipeline-${ULID}`, `a-b.c-d-${ULID}`, LONGEST, 'x-7ZZZZZZZZZZZZZZZZZZZZZZZZZ', FIRED])(
    'accepts %j',
    (id) => {
      expect(isRunId(id)).toBe(true);
      expect(parseRunId(id)).toBe(id);
    },
  );

  test.each([
    '',
    ULID,
    `-${ULID}`,
    'travel.search_flights',
    `travel/search_flights-${ULID}`,
    `Travel-${ULID}`,
    `${RUN}\n`,
    `../${RUN}`,
    `travel.x-${ULID.toLowerCase()}`,
    'travel.x-01ARZ3NDEKTSV4RRFFQ69G5FAU',
    'travel.x-8ZZZZZZZZZZZZZZZZZZZZZZZZZ',
    `${'a'.repeat(129)}-${ULID}`,
  ])('refuses %j', (id) => {
    expect(isRunId(id)).toBe(false);
    expect(() => parseRunId(id)).toThrow(
      expect.objectContaining({ code: 'unknown_run', hint: 'skillos runs list' }),
    );
  });
});

describe('parseRunId', () => {
  test('quotes at most 200 characters of the value', () => {
    expect(() => parseRunId('x'.repeat(5000))).toThrow(
      expect.objectContaining({ message: `Unknown run "${'x'.repeat(200)}"` }),
    );
  });
});

describe('runKey', () => {
  test('begins with the time the run was asked for', () => {
    expect(runKey(RUN)).toBe(`1469922850259_${RUN}`);
  });

  test('sorts by time across skills', () => {
    const early = runKey('zoo.last-00000000010000000000000000');
    expect(early).toBe('0000000000001_zoo.last-00000000010000000000000000');
    expect([runKey(RUN), early].sort()[0]).toBe(early);
  });

  test('takes an id of another form as the oldest', () => {
    expect(runKey('nightly-2026')).toBe('0000000000000_nightly-2026');
  });

  test('begins with the time of a firing, and holds no colon', () => {
    expect(runKey(FIRED)).toBe('1800248400000_acme.nightly-2027-01-18T050000Z-2');
  });

  test('fits the keys of Records even for the longest id', () => {
    expect(runKey(LONGEST)).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/);
  });
});

describe('runLogName', () => {
  test('is a journal below runs/', () => {
    expect(runLogName(RUN)).toBe(`runs/${RUN}`);
    expect(runLogName(FIRED)).toBe('runs/acme.nightly-2027-01-18T050000Z-2');
  });
});

describe('requestIdOf', () => {
  test.each([
    ['travel.search-01ARZ3NDEKTSV4RRFFQ69G5FAV', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['nightly-2026-01-02T03:04:05Z', 'nightly-2026-01-02T03:04:05Z'],
  ])('of %s is %s', (runId, expected) => {
    expect(requestIdOf(runId)).toBe(expected);
  });
});

describe('requestedAtOf', () => {
  test.each([
    ['travel.search-01ARZ3NDEKTSV4RRFFQ69G5FAV', 1469922850259],
    ['nightly-2026-01-02T03:04:05Z', 1767323045000],
    ['nightly-2026', undefined],
  ])('of %s is %p', (runId, expected) => {
    expect(requestedAtOf(runId)).toBe(expected);
  });
});

describe('requestTimesOf', () => {
  test.each([
    ['travel.search-01ARZ3NDEKTSV4RRFFQ69G5FAV', { start: 1469922850259, end: 1469922850260 }],
    ['travel.search-01ARZ3', { start: 1469922148352, end: 1469923196928 }],
    ['travel.search-01ARZ', undefined],
    ['travel.search', undefined],
    ['nightly-2026-01-02T03', undefined],
  ])('of %s is %j', (beginning, expected) => {
    expect(requestTimesOf(beginning)).toEqual(expected);
  });
});

describe('runIdAt', () => {
  test('precedes the keys of the runs of its millisecond', () => {
    expect(runKey(runIdAt(1469922850259)) < runKey('0.0-01ARZ3NDEK0000000000000000')).toBe(true);
    expect(requestedAtOf(runIdAt(1469922850259))).toBe(1469922850259);
  });
});

describe('shortRunId', () => {
  test('is a beginning that names the time, and four random characters', () => {
    expect(shortRunId(RUN)).toBe('travel.search_flights-01ARZ3NDEKTSV4');
    expect(requestTimesOf(shortRunId(RUN))).toEqual({ start: 1469922850259, end: 1469922850260 });
  });

  test.each([FIRED, 'anything'])('leaves %j as it is', (id) => {
    expect(shortRunId(id)).toBe(id);
  });
});
