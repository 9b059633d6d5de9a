/** The table of all `SKILLOS_*` settings; docs/configuration.md is generated from it. */
import * as z from 'zod';
import { AMOUNT_RULE, parseAmount } from '../values/amount.ts';
import { DURATION_RULE } from '../values/duration.ts';
import { TENANT, TENANT_RULE } from '../values/tenant.ts';
import { FLAG, duration, flag, fraction, integer, setting, text } from './setting.ts';

// prettier-ignore
const JWT_ALGORITHMS = [
  'HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA',
];

/** 256 bits, the minimum key size for HS256 by RFC 7518 section 3.2. */
const MIN_KEY_BYTES = 32;

const key = z.string().refine((given) => new TextEncoder().encode(given).length >= MIN_KEY_BYTES);
const KEY = `at least ${MIN_KEY_BYTES} bytes of random text`;

const MIB = 1024 * 1024;

const ORIGIN = /^https?:\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?$/;

const baseUrl = z
  .string()
  .regex(/^https?:\/\/[^\s\p{Cc}\\/?#@]+(\/[^\s\p{Cc}\\?#]*)?$/u)
  .refine((given) => URL.canParse(given));
const BASE_URL = 'an http:// or https:// URL without user, query and fragment';

const amount = z.string().transform((given, ctx) => {
  const parsed = parseAmount(given);
  if (parsed !== undefined) return parsed;
  ctx.addIssue({ code: 'custom', message: AMOUNT_RULE });
  return z.NEVER;
});

const SECONDS = 'a whole number of seconds from 1 to 86400';

export const SETTINGS = {
  // deployment
  root: setting({
    variable: 'SKILLOS_ROOT',
    schema: text,
    fallback: './skills',
    expected: 'a folder',
    meaning: 'The skills root; --root overrides it.',
  }),
  production: setting({
    variable: 'SKILLOS_ENV',
    schema: z
      .string()
      .transform((text) => text.trim().toLowerCase())
      .pipe(z.enum(['dev', 'development', 'test', 'prod', 'production']))
      .transform((text) => text.startsWith('prod')),
    fallback: 'development',
    expected: 'development, test or production',
    meaning: 'The kind of deployment; production refuses insecure settings and starts no local engine.',
  }),
  marketplaceCatalog: setting({
    variable: 'SKILLOS_MARKETPLACE_CATALOG',
    schema: text,
    fallback: 'marketplace/catalog.json',
    expected: 'a file, a folder or an https address',
    meaning: 'The catalogue of the marketplace; --catalog overrides it.',
  }),
  parallelLimit: setting({
    variable: 'SKILLOS_PARALLEL_LIMIT',
    schema: integer(1, 200),
    fallback: '4',
    expected: 'a whole number from 1 to 200',
    meaning: 'Members of one parallel group that run at the same time.',
    inWorker: true,
    perRoot: true,
  }),
  taskQueue: setting({
    variable: 'SKILLOS_TASK_QUEUE',
    schema: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
    fallback: 'skillos',
    expected: 'letters, digits and . _ -, at most 100',
    meaning: 'The Temporal task queue of this deployment.',
    inWorker: true,
  }),
  workerVersioning: setting({
    variable: 'SKILLOS_WORKER_VERSIONING',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning:
      'Keeps runs on the build of workers that began them, so that builds can run side by side; not for the local engine.',
  }),
  devAutostart: setting({
    variable: 'SKILLOS_DEV_AUTOSTART',
    schema: flag,
    fallback: '1',
    expected: FLAG,
    meaning: 'Lets a command that executes start the local engine in the background.',
  }),
  devIdle: setting({
    variable: 'SKILLOS_DEV_IDLE',
    schema: duration,
    fallback: '1h',
    expected: DURATION_RULE,
    meaning: 'Idle time after which a local engine in the background stops; 0 never stops it.',
  }),
  storageBackend: setting({
    variable: 'SKILLOS_STORAGE_BACKEND',
    schema: z.enum(['file', 'postgres']),
    fallback: 'file',
    expected: 'file or postgres',
    meaning: 'The storage of runs, logs and large values.',
    inWorker: true,
  }),
  postgresDsn: setting({
    variable: 'SKILLOS_POSTGRES_DSN',
    alias: 'DATABASE_URL',
    // Not checked here: with the file backend DATABASE_URL may name any database. `brokenTogether` checks it.
    schema: text,
    expected: 'a postgres:// or postgresql:// URL',
    meaning: 'The database of the postgres backend; DATABASE_URL is read if this is unset.',
    secret: true,
    inWorker: true,
  }),
  postgresSchema: setting({
    variable: 'SKILLOS_POSTGRES_SCHEMA',
    schema: z.string().regex(/^(?!pg_)[A-Za-z_][A-Za-z0-9_]{0,62}$/i),
    fallback: 'skillos',
    expected: 'at most 63 letters, digits and _, not beginning with a digit or pg_',
    meaning: 'The schema in that database; created on first use.',
    inWorker: true,
  }),
  deployments: setting({
    variable: 'SKILLOS_DEPLOYMENTS',
    schema: flag,
    expected: FLAG,
    meaning:
      'Hosts run what `skillos deploy` froze, not the files beside them; if unset, in production with Postgres.',
    inWorker: true,
  }),
  followStateLinks: setting({
    variable: 'SKILLOS_FOLLOW_STATE_LINKS',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning: 'Allows symbolic links in place of runtime, logs and their folders, for state on another disk.',
    inWorker: true,
  }),
  stateDir: setting({
    variable: 'SKILLOS_STATE_DIR',
    schema: text,
    expected: 'a folder',
    meaning: 'The folder for database, log and addresses of local engines; default $XDG_STATE_HOME/skillos.',
  }),
  cacheDir: setting({
    variable: 'SKILLOS_CACHE_DIR',
    schema: text,
    expected: 'a folder',
    meaning: 'The folder for the Temporal binary and routing indexes; default $XDG_CACHE_HOME/skillos.',
  }),
  temporalBin: setting({
    variable: 'SKILLOS_TEMPORAL_BIN',
    schema: text,
    expected: 'the path of a temporal CLI',
    meaning: 'The Temporal CLI for the local engine; overrides PATH and the download.',
  }),
  skillMemoryMb: setting({
    variable: 'SKILLOS_SKILL_MEMORY_MB',
    schema: integer(64, 65536),
    fallback: '512',
    expected: 'a whole number of MiB from 64 to 65536',
    meaning: 'Memory limit of one skill process.',
    inWorker: true,
    perRoot: true,
  }),
  skillProcesses: setting({
    variable: 'SKILLOS_SKILL_PROCESSES',
    schema: integer(1, 256),
    fallback: '16',
    expected: 'a whole number from 1 to 256',
    meaning: 'Skill processes that a worker runs at the same time, and as many in the sandbox.',
    inWorker: true,
    perRoot: true,
  }),
  sandbox: setting({
    variable: 'SKILLOS_SANDBOX',
    schema: z.enum(['packages', 'all']),
    fallback: 'packages',
    expected: 'packages or all',
    meaning:
      'Which code runs in the sandbox: `packages` and skills that say `sandbox: true`, or that of `all` skills.',
    inWorker: true,
    perRoot: 'all', // a root can only strengthen it
  }),
  metricsPort: setting({
    variable: 'SKILLOS_METRICS_PORT',
    schema: integer(0, 65535),
    expected: 'a port, or 0 for any free one',
    meaning: 'The port at which `skillos worker` serves metrics for Prometheus; without it, none.',
  }),
  metricsHost: setting({
    variable: 'SKILLOS_METRICS_HOST',
    schema: text,
    fallback: '127.0.0.1',
    expected: 'an address of this machine',
    meaning: 'The address at which the metrics of workers are served; whoever reaches it can read them.',
  }),
  otlpEndpoint: setting({
    variable: 'SKILLOS_OTLP_ENDPOINT',
    alias: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    schema: text, // not checked here: the alias may be meant for other programs, and traces stop no command
    expected: 'an http or https URL',
    meaning: 'The OpenTelemetry collector for traces; OTEL_EXPORTER_OTLP_ENDPOINT is read if this is unset.',
    inWorker: true,
  }),
  otlpProtocol: setting({
    variable: 'SKILLOS_OTLP_PROTOCOL',
    alias: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    schema: text,
    fallback: 'http/protobuf',
    expected: 'http/protobuf or http/json',
    meaning: 'The encoding of traces; OTEL_EXPORTER_OTLP_PROTOCOL is read if this is unset.',
    inWorker: true,
  }),
  otlpHeaders: setting({
    variable: 'SKILLOS_OTLP_HEADERS',
    alias: 'OTEL_EXPORTER_OTLP_HEADERS',
    schema: text,
    expected: 'name=value, separated by commas, values percent-encoded',
    meaning:
      'Headers of requests to the collector, such as its key; OTEL_EXPORTER_OTLP_HEADERS is read if this is unset.',
    secret: true,
    inWorker: true,
  }),
  otelServiceName: setting({
    variable: 'SKILLOS_OTEL_SERVICE_NAME',
    alias: 'OTEL_SERVICE_NAME',
    schema: text,
    fallback: 'skillos',
    expected: 'a text',
    meaning: 'The name of this service in traces; OTEL_SERVICE_NAME is read if this is unset.',
    inWorker: true,
  }),
  traceRatio: setting({
    variable: 'SKILLOS_TRACE_RATIO',
    schema: fraction,
    fallback: '1',
    expected: 'a number from 0 to 1',
    meaning: 'Share of traces that are sent, unless the traceparent of a request decides.',
    inWorker: true,
  }),
  recordCalls: setting({
    variable: 'SKILLOS_RECORD_CALLS',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning: 'Keeps connector calls with arguments and answers, secrets masked, for skillos record.',
    inWorker: true,
    perRoot: true,
  }),
  minConfidence: setting({
    variable: 'SKILLOS_ROUTING_MIN_CONFIDENCE',
    schema: fraction,
    fallback: '0.5',
    expected: 'a number from 0 to 1',
    meaning: 'A query with a lower confidence ends as low_confidence and is not executed.',
    perRoot: true,
  }),
  uiUrl: setting({
    variable: 'SKILLOS_UI_URL',
    schema: z.url({ protocol: /^https?$/ }),
    expected: 'an http or https URL',
    meaning: 'URL of the Temporal Web UI of a configured server, for links to runs.',
  }),
  retentionDays: setting({
    variable: 'SKILLOS_RETENTION_DAYS',
    schema: integer(1, 36_500),
    fallback: '30',
    expected: 'a whole number of days from 1 to 36500',
    meaning:
      'Days after their end for which `skillos storage gc` keeps runs; at least 30 where requests are signed: with SKILLOS_SERVER_KEY, in production, and with the local engine.',
    perRoot: true,
  }),
  idempotencyTtlSeconds: setting({
    variable: 'SKILLOS_IDEMPOTENCY_TTL_SECONDS',
    schema: integer(0, 2_592_000),
    fallback: '300',
    expected: 'a whole number of seconds from 0 to 2592000',
    meaning: 'Time for which an idempotency key returns the run that it started; 0 disables keys.',
    perRoot: true,
  }),
  sessionKeepLast: setting({
    variable: 'SKILLOS_SESSION_KEEP_LAST',
    schema: integer(2, 50),
    fallback: '12',
    expected: 'a whole number from 2 to 50',
    meaning: 'How many messages a session keeps, requests and answers together.',
    perRoot: true,
  }),
  publicUrl: setting({
    variable: 'SKILLOS_PUBLIC_URL',
    schema: baseUrl.transform((given) => given.replace(/\/+$/, '')),
    expected: BASE_URL,
    meaning:
      'The address of the API as senders of webhooks and people reach it, for `webhook triggers` and links in notices; https in production.',
    inWorker: true,
  }),
  notifyWebhook: setting({
    variable: 'SKILLOS_NOTIFY_WEBHOOK',
    schema: z.url({ protocol: /^https?$/ }),
    expected: 'an http or https URL',
    meaning: 'Receives a notice when a run waits for approval, is decided, expires or fails.',
    inWorker: true,
  }),
  notifySecret: setting({
    variable: 'SKILLOS_NOTIFY_SECRET',
    schema: text,
    expected: 'a text, or whsec_ and base64',
    meaning: 'Signs notices by Standard Webhooks; without it they are not signed.',
    secret: true,
    inWorker: true,
  }),
  // schedules
  timezone: setting({
    variable: 'SKILLOS_TIMEZONE',
    schema: text,
    fallback: 'UTC',
    expected: 'an IANA time zone such as Europe/Berlin',
    meaning: 'The zone of schedules that name none.',
    perRoot: true,
  }),
  // webhooks and attachments
  webhookSecret: setting({
    variable: 'SKILLOS_WEBHOOK_SECRET',
    schema: text,
    expected: 'a text',
    meaning: 'The secret of triggers without one of their own; several, separated by commas, are all valid.',
    secret: true,
  }),
  webhookAllowUnsigned: setting({
    variable: 'SKILLOS_WEBHOOK_ALLOW_UNSIGNED',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning: 'Accepts unsigned deliveries for triggers without any secret; refused in production.',
  }),
  webhookMaxBodyBytes: setting({
    variable: 'SKILLOS_WEBHOOK_MAX_BODY_BYTES',
    schema: integer(1024, 64 * MIB),
    fallback: String(16 * MIB),
    expected: `a whole number of bytes from 1024 to ${64 * MIB}`,
    meaning: 'Largest body of a delivery.',
    perRoot: true,
  }),
  attachmentMaxSizeBytes: setting({
    variable: 'SKILLOS_ATTACHMENT_MAX_SIZE_BYTES',
    schema: integer(1, 64 * MIB),
    fallback: String(10 * MIB),
    expected: `a whole number of bytes from 1 to ${64 * MIB}`,
    meaning: 'Largest attachment of a delivery.',
    perRoot: true,
  }),
  attachmentMaxCount: setting({
    variable: 'SKILLOS_ATTACHMENT_MAX_COUNT',
    schema: integer(1, 1000),
    fallback: '16',
    expected: 'a whole number from 1 to 1000',
    meaning: 'Most attachments of one delivery.',
    perRoot: true,
  }),
  // callers
  tenant: setting({
    variable: 'SKILLOS_TENANT_ID',
    schema: z.string().regex(TENANT),
    expected: TENANT_RULE,
    meaning:
      'The tenant of the caller if no token names one; a token of another tenant is refused. Default: default.',
  }),
  serverKey: setting({
    variable: 'SKILLOS_SERVER_KEY',
    schema: key,
    expected: KEY,
    meaning:
      'Signs requests of clients to workers. A worker that has it blocks unsigned requests; required in production.',
    secret: true,
    inWorker: true,
  }),
  payloadKey: setting({
    variable: 'SKILLOS_PAYLOAD_KEY',
    schema: key,
    expected: KEY,
    meaning:
      'Encrypts payloads, results and summaries in Temporal, but not error messages; equal for clients and workers.',
    secret: true,
    inWorker: true,
  }),
  jwtToken: setting({
    variable: 'SKILLOS_JWT_TOKEN',
    schema: text,
    expected: 'a token, or @file',
    meaning: 'The token of the caller; --jwt overrides it.',
    secret: true,
    personal: true,
  }),
  jwtSecret: setting({
    variable: 'SKILLOS_JWT_SECRET',
    schema: key,
    expected: KEY,
    meaning: 'The key that verifies tokens signed with HS256, HS384 or HS512.',
    secret: true,
  }),
  jwtPublicKey: setting({
    variable: 'SKILLOS_JWT_PUBLIC_KEY',
    schema: text,
    expected: 'the path of a PEM file',
    meaning: 'The public key that verifies tokens, from a file.',
  }),
  jwtJwksFile: setting({
    variable: 'SKILLOS_JWT_JWKS_FILE',
    schema: text,
    expected: 'the path of a JSON Web Key Set',
    meaning: 'The public keys that verify tokens, from a file.',
  }),
  jwtJwksUrl: setting({
    variable: 'SKILLOS_JWT_JWKS_URL',
    schema: z.url({ protocol: /^https?$/ }).refine(isSafeUrl),
    expected: 'an https URL, or an http URL of this machine',
    meaning: 'The public keys that verify tokens, fetched from the issuer.',
  }),
  jwtAlgorithm: setting({
    variable: 'SKILLOS_JWT_ALGORITHM',
    schema: z
      .string()
      .transform((given) =>
        JWT_ALGORITHMS.find((known) => known.toLowerCase() === given.trim().toLowerCase()),
      )
      .pipe(z.string()),
    expected: JWT_ALGORITHMS.join(', '),
    meaning:
      'The only accepted signature algorithm. Default: HS256 for a secret, otherwise the algorithm of the key.',
  }),
  jwtIssuer: setting({
    variable: 'SKILLOS_JWT_ISSUER',
    schema: text,
    expected: 'a text',
    meaning: 'The required issuer (claim iss) of tokens.',
  }),
  jwtAudience: setting({
    variable: 'SKILLOS_JWT_AUDIENCE',
    schema: text,
    expected: 'a text',
    meaning: 'The required audience (claim aud) of tokens.',
  }),
  jwtClockSkewSeconds: setting({
    variable: 'SKILLOS_JWT_CLOCK_SKEW_SECONDS',
    schema: integer(0, 600),
    fallback: '60',
    expected: 'a whole number of seconds from 0 to 600',
    meaning: 'Tolerated difference between the clocks of issuer and SkillOS.',
  }),
  jwtRequireExp: setting({
    variable: 'SKILLOS_JWT_REQUIRE_EXP',
    schema: flag,
    fallback: '1',
    expected: FLAG,
    meaning: 'Requires the claim exp in tokens; cannot be turned off in production.',
  }),
  // REST API
  apiHost: setting({
    variable: 'SKILLOS_API_HOST',
    schema: z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/),
    fallback: '127.0.0.1',
    expected: 'an address or a host name',
    meaning:
      'The address on which the API listens; --host overrides it. Without a key for tokens only loopback is allowed.',
  }),
  apiPort: setting({
    variable: 'SKILLOS_API_PORT',
    schema: integer(0, 65_535),
    fallback: '8000',
    expected: 'a port from 0 to 65535',
    meaning: 'The port on which the API listens; --port overrides it, and 0 takes a free port.',
  }),
  apiMaxBodyBytes: setting({
    variable: 'SKILLOS_API_MAX_BODY_BYTES',
    schema: integer(1024, 33 * MIB),
    fallback: String(MIB),
    expected: `a whole number of bytes from 1024 to ${33 * MIB}`,
    meaning: 'The largest request body that the API accepts.',
    perRoot: true,
  }),
  apiCorsOrigins: setting({
    variable: 'SKILLOS_API_CORS_ORIGINS',
    schema: z
      .string()
      .transform((given) => given.split(',').map((origin) => origin.trim().toLowerCase()))
      .pipe(z.array(z.string().regex(ORIGIN))),
    expected: 'origins such as https://app.example.com, separated by commas',
    meaning: 'The sites whose pages may call the API; if unset, none.',
  }),
  trustedProxies: setting({
    variable: 'SKILLOS_TRUSTED_PROXIES',
    schema: z
      .string()
      .transform((given) => given.split(',').map((network) => network.trim()))
      .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
    expected: 'addresses or networks such as 10.0.0.0/8, separated by commas',
    meaning:
      'The proxies whose header X-Forwarded-For names the client, for limits by address; if unset, none.',
  }),
  apiMaxStreams: setting({
    variable: 'SKILLOS_API_MAX_STREAMS',
    schema: integer(1, 10_000),
    fallback: '20',
    expected: 'a whole number from 1 to 10000',
    meaning: 'Event streams that one principal may have open at the same time, in one API process.',
    perRoot: true,
  }),
  // rate limits
  rateLimitEnabled: setting({
    variable: 'SKILLOS_RATE_LIMIT_ENABLED',
    schema: flag,
    fallback: '1',
    expected: FLAG,
    meaning: 'Limits requests to the API and webhooks by principal or address.',
  }),
  rateLimitRequests: setting({
    variable: 'SKILLOS_RATE_LIMIT_REQUESTS',
    schema: integer(1, 1_000_000),
    fallback: '60',
    expected: 'a whole number from 1 to 1000000',
    meaning: 'Requests that one principal or address may send per window.',
    perRoot: true,
  }),
  rateLimitWindowSeconds: setting({
    variable: 'SKILLOS_RATE_LIMIT_WINDOW_SECONDS',
    schema: integer(1, 86_400),
    fallback: '60',
    expected: 'a whole number of seconds from 1 to 86400',
    meaning: 'Length of a window, which begins with the first request.',
    perRoot: true,
  }),
  rateLimitStrict: setting({
    variable: 'SKILLOS_RATE_LIMIT_STRICT',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning:
      'Applies one limit over all processes, counted in Redis; without Redis requests are refused. Overrides SKILLOS_RATE_LIMIT_ENABLED.',
  }),
  // Redis and the routing cache
  redisUrl: setting({
    variable: 'SKILLOS_REDIS_URL',
    alias: 'REDIS_URL',
    schema: z.url({ protocol: /^rediss?$/ }).regex(/^[a-z]+:\/\/[^/?#]/i),
    expected: 'a redis:// or rediss:// URL',
    meaning: 'The Redis for rate limits and the routing cache; REDIS_URL is read if this is unset.',
    secret: true,
  }),
  cacheEnabled: setting({
    variable: 'SKILLOS_CACHE_ENABLED',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning: 'Shares routing results between processes through Redis.',
  }),
  cacheTtlSeconds: setting({
    variable: 'SKILLOS_CACHE_TTL_SECONDS',
    schema: integer(1, 86_400),
    fallback: '60',
    expected: 'a whole number of seconds from 1 to 86400',
    meaning: 'Time for which a routing result stays in the cache.',
    perRoot: true,
  }),
  cachePrefix: setting({
    variable: 'SKILLOS_CACHE_PREFIX',
    schema: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/),
    fallback: 'skillos',
    expected: 'letters, digits and . _ : -, at most 64',
    meaning: 'Prefix of all keys in Redis.',
  }),
  // budgets and circuit breakers; amounts are parsed to integers of 1/10,000
  budgetPerRequest: setting({
    variable: 'SKILLOS_BUDGET_PER_REQUEST',
    schema: amount,
    fallback: '5',
    expected: AMOUNT_RULE,
    meaning: 'Highest cost of one run, all steps together.',
    inWorker: true,
    perRoot: true,
  }),
  budgetDaily: setting({
    variable: 'SKILLOS_BUDGET_DAILY',
    schema: amount,
    fallback: '50',
    expected: AMOUNT_RULE,
    meaning: 'Highest cost of the runs of a tenant per day (UTC).',
    inWorker: true,
    perRoot: true,
  }),
  budgetMonthly: setting({
    variable: 'SKILLOS_BUDGET_MONTHLY',
    schema: amount,
    fallback: '200',
    expected: AMOUNT_RULE,
    meaning: 'Highest cost of the runs of a tenant per month (UTC).',
    inWorker: true,
    perRoot: true,
  }),
  budgetLowRemaining: setting({
    variable: 'SKILLOS_BUDGET_LOW_REMAINING',
    schema: amount,
    fallback: '10',
    expected: AMOUNT_RULE,
    meaning: 'If no more than this remains of the day or the month, skills get the model tier cheap.',
    inWorker: true,
    perRoot: true,
  }),
  budgetLeaseSeconds: setting({
    variable: 'SKILLOS_BUDGET_LEASE_SECONDS',
    schema: integer(1, 86_400),
    fallback: '60',
    expected: SECONDS,
    meaning:
      'After this time a reservation is checked, and released if its run has ended, when another run needs the budget.',
    inWorker: true,
    perRoot: true,
  }),
  modelStandardCost: setting({
    variable: 'SKILLOS_MODEL_STANDARD_COST',
    schema: amount,
    fallback: '1',
    expected: AMOUNT_RULE,
    meaning: 'Cost of a step in the tier standard, unless its manifest has a cost.',
    inWorker: true,
    perRoot: true,
  }),
  modelCheapCost: setting({
    variable: 'SKILLOS_MODEL_CHEAP_COST',
    schema: amount,
    fallback: '0.5',
    expected: AMOUNT_RULE,
    meaning: 'Cost of a step in the tier cheap, unless its manifest has a cost.',
    inWorker: true,
    perRoot: true,
  }),
  circuitFailureThreshold: setting({
    variable: 'SKILLOS_CIRCUIT_FAILURE_THRESHOLD',
    schema: integer(1, 10_000),
    fallback: '5',
    expected: 'a whole number from 1 to 10000',
    meaning: 'Consecutive failures that open the circuit of a skill.',
    inWorker: true,
    perRoot: true,
  }),
  circuitWindowSeconds: setting({
    variable: 'SKILLOS_CIRCUIT_WINDOW_SECONDS',
    schema: integer(1, 86_400),
    fallback: '300',
    expected: SECONDS,
    meaning: 'Age at which a failure no longer counts.',
    inWorker: true,
    perRoot: true,
  }),
  circuitOpenSeconds: setting({
    variable: 'SKILLOS_CIRCUIT_OPEN_SECONDS',
    schema: integer(1, 86_400),
    fallback: '300',
    expected: SECONDS,
    meaning:
      'Time for which an open circuit refuses runs; also the time after which an unfinished probe no longer counts.',
    inWorker: true,
    perRoot: true,
  }),
  circuitHalfOpenMax: setting({
    variable: 'SKILLOS_CIRCUIT_HALF_OPEN_MAX',
    schema: integer(1, 1000),
    fallback: '1',
    expected: 'a whole number from 1 to 1000',
    meaning: 'Probe runs that a half-open circuit admits at the same time.',
    inWorker: true,
    perRoot: true,
  }),
  // approvals
  approvalToken: setting({
    variable: 'SKILLOS_APPROVAL_TOKEN',
    schema: text,
    expected: 'a text',
    meaning: 'The secret that an approver must prove to know; required if the worker has it.',
    secret: true,
    inWorker: true,
    guards: true,
  }),
  approverToken: setting({
    variable: 'SKILLOS_APPROVER_TOKEN',
    schema: text,
    expected: 'a token, or @file',
    meaning: 'The approval token of the caller; --approval-token overrides it.',
    secret: true,
    personal: true,
  }),
  // embeddings
  embeddings: setting({
    variable: 'SKILLOS_EMBEDDINGS',
    schema: z.enum(['off', 'local']),
    expected: 'local or off',
    meaning:
      'With local, routing also asks the model of skillos models install; with off, no model, also with a URL.',
  }),
  embeddingsUrl: setting({
    variable: 'SKILLOS_EMBEDDINGS_URL',
    schema: baseUrl,
    expected: BASE_URL,
    meaning: 'The base of an API like that of OpenAI; routing also asks its model, at <URL>/embeddings.',
  }),
  embeddingsModel: setting({
    variable: 'SKILLOS_EMBEDDINGS_MODEL',
    schema: z.string().regex(/^[A-Za-z0-9][\w.:/@+-]{0,199}$/),
    expected: 'the name of a model',
    meaning: 'The embedding model of that server.',
  }),
  embeddingsApiKey: setting({
    variable: 'SKILLOS_EMBEDDINGS_API_KEY',
    schema: z.string().regex(/^[\x21-\x7e]{1,4096}$/),
    expected: 'a key without spaces',
    meaning: 'Sent to that server as a bearer token, over https or to this machine alone.',
    secret: true,
  }),
  // errors
  debug: setting({
    variable: 'SKILLOS_DEBUG',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning: 'Shows the stack of errors.',
  }),
} as const;

/** Only https and loopback: over plain http anyone on the network path could read and replace what is sent. */
export function isSafeUrl(given: string): boolean {
  const [, scheme, host] = /^(https?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(given) ?? [];
  return scheme?.toLowerCase() === 'https' || ['localhost', '127.0.0.1', '[::1]'].includes(host ?? '');
}
