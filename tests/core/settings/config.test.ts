import {
  describeSetting,
  describeSettings,
  isDebug,
  overRootSettings,
  parseConfig,
  requireServerKey,
  rootOf,
  servedRoot,
  settingsOf,
  usesDeployments,
  withoutPersonal,
} from '../../../core/settings/config.ts';
import { SETTINGS } from '../../../core/settings/settings.ts';
import type { Config, SettingName } from '../../../core/settings/config.ts';

interface Case {
  readonly fallback: unknown;
  /** Texts and what they become. */
  readonly good: readonly (readonly [string, unknown])[];
  /** Texts that are refused; paths have none. */
  readonly bad: readonly string[];
}

const FLAGS: Pick<Case, 'good' | 'bad'> = {
  good: [
    ['1', true],
    ['true', true],
    ['Yes', true],
    [' on ', true],
    ['0', false],
    ['FALSE', false],
    ['no', false],
    ['off', false],
  ],
  bad: ['2', 'maybe', ' '],
};

const KEYS: Pick<Case, 'good' | 'bad'> = {
  good: [
    ['k'.repeat(32), 'k'.repeat(32)],
    ['ж'.repeat(16), 'ж'.repeat(16)],
  ],
  bad: ['short', 'k'.repeat(31), 'ж'.repeat(15)],
};

const AMOUNTS: Pick<Case, 'good' | 'bad'> = {
  good: [
    ['0', 0],
    ['5', 50_000],
    ['0.0001', 1],
    ['12.34', 123_400],
    ['999999999', 9_999_999_990_000],
  ],
  bad: ['-1', '5.00001', 'NaN', 'Infinity', '1e30', '1e3', '1000000000', '.5', '5.', '1,5', ' 5', '0x5', '٥'],
};

const SECONDS: Pick<Case, 'good' | 'bad'> = {
  good: [
    ['1', 1],
    ['86400', 86_400],
  ],
  bad: ['0', '86401', '-1', '1.5', '5m', 'NaN'],
};

const CASES: Readonly<Record<SettingName, Case>> = {
  root: { fallback: './skills', good: [['/srv/skills', '/srv/skills']], bad: [] },
  production: {
    fallback: false,
    good: [
      ['prod', true],
      ['PRODUCTION', true],
      [' production ', true],
      ['dev', false],
      ['development', false],
      ['test', false],
    ],
    bad: ['staging', 'productive', ' '],
  },
  marketplaceCatalog: { fallback: 'marketplace/catalog.json', good: [['shop.json', 'shop.json']], bad: [] },
  parallelLimit: {
    fallback: 4,
    good: [
      ['1', 1],
      ['200', 200],
    ],
    bad: ['0', '201', '-1', '1.5', '4 ', 'four', '0x4', '9999999999999'],
  },
  taskQueue: {
    fallback: 'skillos',
    good: [['Team-1.jobs_x', 'Team-1.jobs_x']],
    bad: ['-x', 'a b', 'a/b', 'я', 'x'.repeat(101)],
  },
  devAutostart: { fallback: true, ...FLAGS },
  deployments: { fallback: undefined, ...FLAGS },
  workerVersioning: { fallback: false, ...FLAGS },
  followStateLinks: { fallback: false, ...FLAGS },
  devIdle: {
    fallback: 3_600_000,
    good: [
      ['0', 0],
      ['10m', 600_000],
      ['90', 90_000],
    ],
    bad: ['never', '-1h', '1 h'],
  },
  metricsPort: {
    fallback: undefined,
    good: [
      ['0', 0],
      ['65535', 65_535],
    ],
    bad: ['65536', '-1', 'any'],
  },
  metricsHost: { fallback: '127.0.0.1', good: [['::1', '::1']], bad: [] },
  otlpEndpoint: { fallback: undefined, good: [['http://127.0.0.1:4318', 'http://127.0.0.1:4318']], bad: [] },
  otlpProtocol: { fallback: 'http/protobuf', good: [['http/json', 'http/json']], bad: [] },
  otlpHeaders: { fallback: undefined, good: [['x-key=a', 'x-key=a']], bad: [] },
  otelServiceName: { fallback: 'skillos', good: [['billing', 'billing']], bad: [] },
  traceRatio: {
    fallback: 1,
    good: [
      ['0', 0],
      ['0.05', 0.05],
    ],
    bad: ['1.5', '-1', 'all'],
  },
  recordCalls: { fallback: false, ...FLAGS },
  storageBackend: {
    fallback: 'file',
    good: [['file', 'file']],
    bad: ['sqlite', 'Postgres', ' file'],
  },
  postgresDsn: {
    fallback: undefined,
    good: [
      ['postgres://db/skillos', 'postgres://db/skillos'],
      ['mysql://of/somebody-else', 'mysql://of/somebody-else'],
    ],
    bad: [],
  },
  postgresSchema: {
    fallback: 'skillos',
    good: [
      ['Team_1', 'Team_1'],
      ['_x', '_x'],
      ['x'.repeat(63), 'x'.repeat(63)],
    ],
    bad: ['1x', 'a-b', 'a b', 'a"; DROP SCHEMA x', 'ü', 'x'.repeat(64), 'pg_temp', 'PG_x', 'x\n'],
  },
  stateDir: { fallback: undefined, good: [['/var/lib/x', '/var/lib/x']], bad: [] },
  cacheDir: { fallback: undefined, good: [['/var/cache/x', '/var/cache/x']], bad: [] },
  temporalBin: { fallback: undefined, good: [['/usr/bin/temporal', '/usr/bin/temporal']], bad: [] },
  skillMemoryMb: {
    fallback: 512,
    good: [
      ['64', 64],
      ['65536', 65_536],
    ],
    bad: ['63', '65537', '1GiB'],
  },
  skillProcesses: {
    fallback: 16,
    good: [
      ['1', 1],
      ['256', 256],
    ],
    bad: ['0', '257', 'many'],
  },
  sandbox: { fallback: 'packages', good: [['all', 'all']], bad: ['none', 'Packages', '1'] },
  minConfidence: {
    fallback: 0.5,
    good: [
      ['0', 0],
      ['1', 1],
      ['0.75', 0.75],
    ],
    bad: ['1.1', '-0.1', '.5', '50%', '1e-3'],
  },
  timezone: { fallback: 'UTC', good: [['Europe/Berlin', 'Europe/Berlin']], bad: [] },
  webhookSecret: { fallback: undefined, good: [['old,new', 'old,new']], bad: [] },
  webhookAllowUnsigned: { fallback: false, ...FLAGS },
  webhookMaxBodyBytes: {
    fallback: 16_777_216,
    good: [
      ['1024', 1024],
      ['67108864', 67_108_864],
    ],
    bad: ['1023', '67108865', '16MiB'],
  },
  attachmentMaxSizeBytes: {
    fallback: 10_485_760,
    good: [
      ['1', 1],
      ['67108864', 67_108_864],
    ],
    bad: ['0', '67108865', '10MiB'],
  },
  attachmentMaxCount: {
    fallback: 16,
    good: [
      ['1', 1],
      ['1000', 1000],
    ],
    bad: ['0', '1001', 'many'],
  },
  tenant: {
    fallback: undefined,
    good: [
      ['acme', 'acme'],
      ['0-a_b', '0-a_b'],
      ['x'.repeat(63), 'x'.repeat(63)],
    ],
    bad: ['Acme', ' acme', 'a b', '-a', '_a', 'a/b', '..', 'ä', 'acme\n', 'x'.repeat(64)],
  },
  serverKey: { fallback: undefined, ...KEYS },
  payloadKey: { fallback: undefined, ...KEYS },
  jwtToken: { fallback: undefined, good: [['a.b.c', 'a.b.c']], bad: [] },
  jwtSecret: { fallback: undefined, ...KEYS },
  jwtPublicKey: { fallback: undefined, good: [['/etc/key.pem', '/etc/key.pem']], bad: [] },
  jwtJwksFile: { fallback: undefined, good: [['/etc/keys.json', '/etc/keys.json']], bad: [] },
  jwtJwksUrl: {
    fallback: undefined,
    good: [
      ['https://id.example.org/keys', 'https://id.example.org/keys'],
      ['http://localhost:8080/keys', 'http://localhost:8080/keys'],
      ['http://127.0.0.1/keys', 'http://127.0.0.1/keys'],
      ['http://[::1]:8080/keys', 'http://[::1]:8080/keys'],
    ],
    bad: [
      'http://id.example.org/keys',
      'http://localhost.example.org/keys',
      'http://localhost@example.org/keys',
      'http://127.0.0.1:80@example.org/',
      'ftp://localhost/keys',
      'file:///etc/keys.json',
      'http:',
      'keys.json',
    ],
  },
  jwtAlgorithm: {
    fallback: undefined,
    good: [
      ['hs512', 'HS512'],
      ['EDDSA', 'EdDSA'],
      [' ES256 ', 'ES256'],
    ],
    bad: ['none', 'RS', 'HS256,RS256'],
  },
  jwtIssuer: { fallback: undefined, good: [['https://id.example.org/', 'https://id.example.org/']], bad: [] },
  jwtAudience: { fallback: undefined, good: [['skillos', 'skillos']], bad: [] },
  jwtClockSkewSeconds: {
    fallback: 60,
    good: [
      ['0', 0],
      ['600', 600],
    ],
    bad: ['601', '-1', '1m'],
  },
  jwtRequireExp: { fallback: true, ...FLAGS },
  rateLimitEnabled: { fallback: true, ...FLAGS },
  rateLimitRequests: {
    fallback: 60,
    good: [
      ['1', 1],
      ['1000000', 1_000_000],
    ],
    bad: ['0', '-1', '1000001', '1e3', 'many'],
  },
  rateLimitWindowSeconds: {
    fallback: 60,
    good: [
      ['1', 1],
      ['86400', 86_400],
    ],
    bad: ['0', '86401', '1m'],
  },
  // What it needs beside it is tested below.
  rateLimitStrict: { fallback: false, ...FLAGS, good: FLAGS.good.filter(([, isSet]) => isSet === false) },
  redisUrl: {
    fallback: undefined,
    good: [
      ['redis://localhost', 'redis://localhost'],
      ['rediss://u:p@db.example.org:6380/2', 'rediss://u:p@db.example.org:6380/2'],
    ],
    bad: [
      'localhost:6379',
      'http://localhost',
      '/run/redis.sock',
      'redis:',
      'redis://',
      'redis:///0',
      'redis:host',
    ],
  },
  cacheEnabled: { fallback: false, ...FLAGS },
  cacheTtlSeconds: {
    fallback: 60,
    good: [
      ['1', 1],
      ['86400', 86_400],
    ],
    bad: ['0', '86401', '1m'],
  },
  apiHost: {
    fallback: '127.0.0.1',
    good: [
      ['0.0.0.0', '0.0.0.0'],
      ['::1', '::1'],
      ['api.example.org', 'api.example.org'],
    ],
    bad: ['http://x', 'a b', 'a/b', 'x'.repeat(254)],
  },
  apiPort: {
    fallback: 8000,
    good: [
      ['0', 0],
      ['65535', 65_535],
    ],
    bad: ['65536', '-1', '80a', ' '],
  },
  apiMaxBodyBytes: {
    fallback: 1_048_576,
    good: [
      ['1024', 1024],
      ['34603008', 34_603_008],
    ],
    bad: ['1023', '34603009', '1MiB'],
  },
  apiCorsOrigins: {
    fallback: undefined,
    good: [
      ['https://App.example.com, http://[::1]:3000', ['https://app.example.com', 'http://[::1]:3000']],
      ['http://localhost:5173', ['http://localhost:5173']],
    ],
    bad: ['*', 'null', 'https://a.example/', 'https://a.example,', 'ftp://a.example', 'https://u@a.example'],
  },
  trustedProxies: {
    fallback: undefined,
    good: [
      ['10.0.0.0/8, fd00::/8', ['10.0.0.0/8', 'fd00::/8']],
      ['192.0.2.7,::1', ['192.0.2.7', '::1']],
    ],
    bad: [
      '*',
      '10.0.0.0/33',
      '10.0.0',
      'fd00::/129',
      'proxy.example',
      '10.0.0.1,',
      '10.0.0.1:80',
      '1.2.3.4/',
    ],
  },
  apiMaxStreams: {
    fallback: 20,
    good: [
      ['1', 1],
      ['10000', 10_000],
    ],
    bad: ['0', '10001', '1.5', 'many'],
  },
  cachePrefix: {
    fallback: 'skillos',
    good: [
      ['Team-1:x', 'Team-1:x'],
      ['x'.repeat(64), 'x'.repeat(64)],
    ],
    bad: [':x', 'a b', 'a*', 'я', 'x'.repeat(65)],
  },
  notifyWebhook: {
    fallback: undefined,
    good: [['https://chat.example.org/hook', 'https://chat.example.org/hook']],
    bad: ['chat.example.org', 'ftp://x.org'],
  },
  notifySecret: { fallback: undefined, good: [['whsec_c2VjcmV0', 'whsec_c2VjcmV0']], bad: [] },
  publicUrl: {
    fallback: undefined,
    good: [
      ['https://skills.example/', 'https://skills.example'],
      ['http://localhost:8000', 'http://localhost:8000'],
      ['https://example.com/skills//', 'https://example.com/skills'],
    ],
    bad: [
      'skills.example',
      'ftp://skills.example',
      'https://user:hush@a',
      'https://a?b=c',
      'https://a#b',
      'https://a:b',
      'https://a/\u001b[2J',
      String.raw`https://a\b`,
    ],
  },
  uiUrl: {
    fallback: undefined,
    good: [
      ['http://localhost:8233', 'http://localhost:8233'],
      ['https://temporal.example.org/ui', 'https://temporal.example.org/ui'],
    ],
    bad: ['localhost:8233', 'ftp://x.org', 'javascript:alert(1)', 'temporal'],
  },
  approvalToken: { fallback: undefined, good: [['hush', 'hush']], bad: [] },
  approverToken: { fallback: undefined, good: [['@token', '@token']], bad: [] },
  retentionDays: {
    fallback: 30,
    good: [
      ['1', 1],
      ['36500', 36_500],
    ],
    bad: ['0', '-1', '1.5', '30d'],
  },
  idempotencyTtlSeconds: {
    fallback: 300,
    good: [
      ['0', 0],
      ['2592000', 2_592_000],
    ],
    bad: ['-1', '2592001', '1.5', '5m'],
  },
  sessionKeepLast: {
    fallback: 12,
    good: [
      ['2', 2],
      ['50', 50],
    ],
    bad: ['1', '51', '2.5', ''.padEnd(3, 'x')],
  },
  budgetPerRequest: { fallback: 50_000, ...AMOUNTS },
  budgetDaily: { fallback: 500_000, ...AMOUNTS },
  budgetMonthly: { fallback: 2_000_000, ...AMOUNTS },
  budgetLowRemaining: { fallback: 100_000, ...AMOUNTS },
  budgetLeaseSeconds: { fallback: 60, ...SECONDS },
  modelStandardCost: { fallback: 10_000, ...AMOUNTS },
  modelCheapCost: { fallback: 5000, ...AMOUNTS },
  circuitFailureThreshold: {
    fallback: 5,
    good: [
      ['1', 1],
      ['10000', 10_000],
    ],
    bad: ['0', '10001', 'never'],
  },
  circuitWindowSeconds: { fallback: 300, ...SECONDS },
  circuitOpenSeconds: { fallback: 300, ...SECONDS },
  circuitHalfOpenMax: {
    fallback: 1,
    good: [
      ['1', 1],
      ['1000', 1000],
    ],
    bad: ['0', '1001', 'all'],
  },
  embeddings: {
    fallback: undefined,
    good: [
      ['local', 'local'],
      ['off', 'off'],
    ],
    bad: ['on', 'LOCAL'],
  },
  embeddingsUrl: {
    fallback: undefined,
    good: [['http://127.0.0.1:11434/v1', 'http://127.0.0.1:11434/v1']],
    bad: ['ftp://a', 'http://user:secret@a/v1', 'http://a/v1?key=1', 'http://a b', 'localhost'],
  },
  embeddingsModel: { fallback: undefined, good: [['nomic-embed-text', 'nomic-embed-text']], bad: ['a b'] },
  embeddingsApiKey: { fallback: undefined, good: [['sk-1', 'sk-1']], bad: ['a b', 'a\r\nx', '§'] },
  debug: { fallback: false, ...FLAGS },
};

const NAMES = Object.keys(SETTINGS) as SettingName[];
const rows = <T>(pick: (entry: Case) => readonly T[]): [SettingName, T][] =>
  NAMES.flatMap((name) => pick(CASES[name]).map((row): [SettingName, T] => [name, row]));

/** Other settings that a valid value needs. */
const NEEDED: Partial<Record<SettingName, Record<string, string>>> = {
  embeddingsUrl: { SKILLOS_EMBEDDINGS_MODEL: 'm' },
};

function configOf(name: SettingName, text: string | undefined): Config {
  return parseConfig({ ...NEEDED[name], [SETTINGS[name].variable]: text });
}

describe('parseConfig', () => {
  test('has all defaults in an empty environment', () => {
    expect(parseConfig({})).toEqual(Object.fromEntries(NAMES.map((name) => [name, CASES[name].fallback])));
  });

  test.each(NAMES)('takes an empty value of %s as unset', (name) => {
    expect(configOf(name, '')[name]).toEqual(CASES[name].fallback);
  });

  test.each(rows((entry) => entry.good))('reads %s %j', (name, [text, expected]) => {
    expect(configOf(name, text)[name]).toEqual(expected);
  });

  test.each(rows((entry) => entry.bad))('refuses %s %j and names the variable', (name, text) => {
    const { variable, expected } = SETTINGS[name];
    expect(() => configOf(name, text)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: `Invalid ${variable}: expected ${expected}`,
        details: { variable, expected },
        hint: 'skillos config',
      }),
    );
  });

  test('never echoes the value', () => {
    for (const name of NAMES.filter((name) => CASES[name].bad.length > 0)) {
      expect(() => configOf(name, '§hush-hush§')).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('hush') }),
      );
    }
  });
});

describe('the settings of the postgres backend', () => {
  const backend = { SKILLOS_STORAGE_BACKEND: 'postgres' };
  const refused = {
    variable: 'SKILLOS_POSTGRES_DSN',
    expected:
      'a postgres:// or postgresql:// URL, in SKILLOS_POSTGRES_DSN or DATABASE_URL, for the postgres backend',
  };

  test.each<[object, string]>([
    [{ SKILLOS_POSTGRES_DSN: 'postgres://a/x', DATABASE_URL: 'postgres://b/x' }, 'postgres://a/x'],
    [{ SKILLOS_POSTGRES_DSN: '', DATABASE_URL: 'postgresql://b/x' }, 'postgresql://b/x'],
  ])('take the first address of %j that is not empty', (addresses, expected) => {
    const { storageBackend, postgresDsn } = parseConfig({ ...backend, ...addresses });
    expect([storageBackend, postgresDsn]).toEqual(['postgres', expected]);
  });

  test.each([{}, { SKILLOS_POSTGRES_DSN: 'hush' }, { DATABASE_URL: 'mysql://hush' }])(
    'are refused with %j, which names no database',
    (addresses) => {
      const env = { ...backend, ...addresses };
      expect(() => parseConfig(env)).toThrow(
        expect.objectContaining({
          code: 'config_invalid',
          message: `Invalid ${refused.variable}: expected ${refused.expected}`,
          details: refused,
        }),
      );
      const described = describeSettings(env).filter(({ expected }) => expected !== undefined);
      expect(described).toMatchObject([refused]);
      expect(JSON.stringify(described)).not.toContain('hush');
    },
  );
});

test.each(['prefer', 'allow', 'bogus', '', 'disable&sslmode=prefer'])(
  'parseConfig refuses sslmode=%s, which the driver does not take as Postgres does',
  (mode) => {
    const env = {
      SKILLOS_STORAGE_BACKEND: 'postgres',
      DATABASE_URL: `postgres://hush@a/x?a=b&sslmode=${mode}`,
    };
    expect(() => parseConfig(env)).toThrow(
      'Invalid SKILLOS_POSTGRES_DSN: expected sslmode in SKILLOS_POSTGRES_DSN or DATABASE_URL to be disable, no-verify, require, verify-ca or verify-full',
    );
  },
);

test.each(['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'])(
  'parseConfig takes sslmode=%s',
  (mode) => {
    const env = {
      SKILLOS_STORAGE_BACKEND: 'postgres',
      SKILLOS_POSTGRES_DSN: `postgres://a/x?sslmode=${mode}`,
    };
    expect(parseConfig(env)).toMatchObject({ storageBackend: 'postgres' });
  },
);

describe('strict rate limits', () => {
  const strict = { SKILLOS_RATE_LIMIT_STRICT: '1' };

  test.each(['SKILLOS_REDIS_URL', 'REDIS_URL'])('take the Redis of %s', (variable) => {
    const { rateLimitStrict, redisUrl } = parseConfig({ ...strict, [variable]: 'redis://db' });
    expect([rateLimitStrict, redisUrl]).toEqual([true, 'redis://db']);
  });

  test('are refused without one', () => {
    const expected = 'a redis:// or rediss:// URL, in SKILLOS_REDIS_URL or REDIS_URL, for strict rate limits';
    const details = { variable: 'SKILLOS_REDIS_URL', expected };
    expect(() => parseConfig(strict)).toThrow(expect.objectContaining({ code: 'config_invalid', details }));
    expect(describeSettings(strict).filter((state) => state.expected !== undefined)).toMatchObject([details]);
  });
});

describe('embeddings', () => {
  const server = { SKILLOS_EMBEDDINGS_URL: 'http://models:8000/v1', SKILLOS_EMBEDDINGS_MODEL: 'm' };
  const key = { SKILLOS_EMBEDDINGS_API_KEY: 'sk-1' };

  test.each([
    [server],
    [{ ...server, SKILLOS_EMBEDDINGS: 'off' }],
    [{ ...server, ...key, SKILLOS_EMBEDDINGS_URL: 'https://models/v1' }],
    [{ ...server, ...key, SKILLOS_EMBEDDINGS_URL: 'http://127.0.0.1:11434/v1' }],
  ])('takes %j', (env) => {
    expect(parseConfig(env).embeddingsModel).toBe('m');
  });

  test.each([
    ['SKILLOS_EMBEDDINGS_MODEL', { SKILLOS_EMBEDDINGS_URL: 'https://models/v1' }],
    ['SKILLOS_EMBEDDINGS', { ...server, SKILLOS_EMBEDDINGS: 'local' }],
    ['SKILLOS_EMBEDDINGS_URL', { ...server, ...key }],
  ])('refuses %s in %j', (variable, env) => {
    expect(() => parseConfig(env)).toThrow(
      expect.objectContaining({ code: 'config_invalid', details: expect.objectContaining({ variable }) }),
    );
  });
});

test('unsigned webhooks are refused in production', () => {
  const details = { variable: 'SKILLOS_WEBHOOK_ALLOW_UNSIGNED', expected: '0 in production' };
  const unsigned = { SKILLOS_WEBHOOK_ALLOW_UNSIGNED: 'yes' };
  expect(parseConfig(unsigned).webhookAllowUnsigned).toBe(true);
  expect(() => parseConfig({ ...unsigned, SKILLOS_ENV: 'prod' })).toThrow(
    expect.objectContaining({ code: 'config_invalid', details }),
  );
  expect(parseConfig({ SKILLOS_WEBHOOK_ALLOW_UNSIGNED: '0', SKILLOS_ENV: 'prod' }).production).toBe(true);
});

test('a public address without TLS is refused in production', () => {
  const details = { variable: 'SKILLOS_PUBLIC_URL', expected: 'an https:// URL in production' };
  const given = (url: string) => ({ SKILLOS_PUBLIC_URL: url, SKILLOS_ENV: 'production' });
  expect(() => parseConfig(given('http://localhost:8000'))).toThrow(
    expect.objectContaining({ code: 'config_invalid', details }),
  );
  expect(parseConfig(given('https://a')).publicUrl).toBe('https://a');
});

test('a queue with a dot is refused with worker versioning, whose names contain none', () => {
  const env = { SKILLOS_TASK_QUEUE: 'eu.skillos' };
  const details = {
    variable: 'SKILLOS_TASK_QUEUE',
    expected: 'no dot together with SKILLOS_WORKER_VERSIONING',
  };
  expect(parseConfig(env).taskQueue).toBe('eu.skillos');
  expect(() => parseConfig({ ...env, SKILLOS_WORKER_VERSIONING: '1' })).toThrow(
    expect.objectContaining({ code: 'config_invalid', details }),
  );
  expect(parseConfig({ SKILLOS_WORKER_VERSIONING: '1' }).taskQueue).toBe('skillos');
});

describe('withoutPersonal', () => {
  test('leaves out the token of the caller alone', () => {
    expect(withoutPersonal({ PATH: '/bin', SKILLOS_JWT_TOKEN: 'a.b.c', SKILLOS_ENV: 'test' })).toEqual({
      PATH: '/bin',
      SKILLOS_ENV: 'test',
    });
  });
});

describe('settingsOf', () => {
  test('has every variable of ours that is set, under its first name, and no other', () => {
    const env = { SKILLOS_ENV: 'test', SKILLOS_DEBUG: '', SKILLOS_OTHER: 'x', DATABASE_URL: 'y', PATH: 'z' };
    expect(settingsOf(env)).toEqual({ SKILLOS_ENV: 'test', SKILLOS_OTHER: 'x', SKILLOS_POSTGRES_DSN: 'y' });
    expect(settingsOf({ SKILLOS_POSTGRES_DSN: 'x', DATABASE_URL: 'y' })).toEqual({
      SKILLOS_POSTGRES_DSN: 'x',
    });
    expect(settingsOf({})).toEqual({});
    expect(settingsOf({ SKILLOS_JWT_TOKEN: 'a.b.c', SKILLOS_ENV: 'test' })).toEqual({ SKILLOS_ENV: 'test' });
  });
});

describe('isDebug', () => {
  test.each([
    ['1', true],
    ['true', true],
    ['0', false],
    ['', false],
    ['perhaps', false],
    [undefined, false],
  ])('of SKILLOS_DEBUG=%s is %s', (text, expected) => {
    expect(isDebug({ SKILLOS_DEBUG: text, SKILLOS_PARALLEL_LIMIT: 'broken' })).toBe(expected);
  });
});

test('the root is known before the other settings', () => {
  expect(rootOf({ SKILLOS_ROOT: 'mine', SKILLOS_PARALLEL_LIMIT: 'bad' })).toBe('mine');
  expect(rootOf({ SKILLOS_ROOT: '' })).toBe(rootOf({}));
  expect(rootOf({})).toBe('./skills');
});

test('the environment is over the settings of the root, unless a variable is empty', () => {
  const env = { SKILLOS_BUDGET_DAILY: '7', SKILLOS_TIMEZONE: '', PATH: '' };
  const ofRoot = { SKILLOS_BUDGET_DAILY: '5', SKILLOS_TIMEZONE: 'Europe/Berlin' };
  expect(overRootSettings(env, ofRoot)).toEqual({
    SKILLOS_BUDGET_DAILY: '7',
    SKILLOS_TIMEZONE: 'Europe/Berlin',
    PATH: '',
  });
});

describe('describeSettings', () => {
  test('names settings.env as the source of what only the root sets', () => {
    const [env, ofRoot] = [
      { SKILLOS_BUDGET_DAILY: '7' },
      { SKILLOS_BUDGET_DAILY: '5', SKILLOS_TIMEZONE: 'UTC' },
    ];
    const sources = describeSettings(env, ofRoot).filter(({ variable }) => variable in ofRoot);
    expect(sources).toMatchObject([
      { variable: 'SKILLOS_TIMEZONE', value: 'UTC', source: 'settings.env' },
      { variable: 'SKILLOS_BUDGET_DAILY', value: '7', source: 'environment' },
    ]);
  });

  const stateOf = (name: SettingName, text: string | undefined) =>
    describeSettings({ [SETTINGS[name].variable]: text }).find(
      ({ variable }) => variable === SETTINGS[name].variable,
    );

  test('lists every setting once', () => {
    expect(describeSettings({}).map(({ variable }) => variable)).toEqual(
      NAMES.map((name) => SETTINGS[name].variable),
    );
  });

  test.each<[SettingName, string | undefined, object]>([
    ['parallelLimit', '7', { value: '7', source: 'environment' }],
    ['parallelLimit', '', { value: '4', source: 'default' }],
    ['parallelLimit', undefined, { value: '4', source: 'default' }],
    ['temporalBin', '/usr/bin/temporal', { value: '/usr/bin/temporal', source: 'environment' }],
    ['temporalBin', '', { source: 'unset' }],
    [
      'parallelLimit',
      'four',
      { value: 'four', source: 'environment', expected: 'a whole number from 1 to 200' },
    ],
  ])('shows %s = %j', (name, text, shown) => {
    const { variable, meaning } = SETTINGS[name];
    expect(stateOf(name, text)).toEqual({ variable, meaning, ...shown });
  });
});

describe('describeSetting', () => {
  test('never shows a secret', () => {
    const secret = { ...SETTINGS.uiUrl, secret: true } as const;
    const { variable, meaning, expected } = secret;
    expect(describeSetting(secret, { [variable]: 'https://hush' })).toEqual({
      variable,
      value: 'set',
      source: 'environment',
      meaning,
    });
    expect(describeSetting(secret, { [variable]: 'hush' })).toMatchObject({ value: 'set', expected });
    expect(describeSetting(secret, {})).toEqual({ variable, source: 'unset', meaning });
  });
});

describe('SETTINGS', () => {
  test.each(NAMES)('%s has its own variable and a meaning', (name) => {
    const { variable, meaning, expected } = SETTINGS[name];
    expect(variable).toMatch(/^SKILLOS_[A-Z]+(_[A-Z]+)*$/);
    expect(NAMES.filter((other) => SETTINGS[other].variable === variable)).toEqual([name]);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(expected).toMatch(/[^.]$/);
  });
});

describe('requireServerKey', () => {
  test.each([
    { production: false, serverKey: undefined },
    { production: true, serverKey: 'k'.repeat(32) },
  ])('accepts %j', (settings) => {
    expect(() => requireServerKey(settings)).not.toThrow();
  });

  test('refuses production without a server key', () => {
    expect(() => requireServerKey({ production: true, serverKey: undefined })).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: 'Invalid SKILLOS_SERVER_KEY: expected at least 32 bytes of random text in production',
      }),
    );
  });
});

test.each([
  [{}, { deployments: true, storageBackend: 'file' as const }],
  [{ serves: 'folder' }, { deployments: false, storageBackend: 'postgres' as const }],
  [{ serves: 'deployment' }, { deployments: true, storageBackend: 'postgres' as const }],
])('a process serves %j with %j', (expected, config) => {
  expect(servedRoot({ production: false, ...config })).toEqual(expected);
});

describe('usesDeployments', () => {
  const production = { production: true, storageBackend: 'postgres' } as const;
  test.each([
    [true, { ...production, deployments: undefined }],
    [false, { ...production, deployments: undefined, production: false }],
    [false, { ...production, deployments: undefined, storageBackend: 'file' as const }],
    [false, { ...production, deployments: false }],
    [true, { deployments: true, production: false, storageBackend: 'file' as const }],
  ])('is %s for %j', (expected, config) => {
    expect(usesDeployments(config)).toBe(expected);
  });
});
