/** Every `SKILLOS_*` setting with its default and meaning; `parseConfig` is the only reader of them. */
import * as z from 'zod';
import { APPROVAL_SETTINGS } from './approval-settings.ts';
import { API_SETTINGS } from './api-settings.ts';
import { DURATION_RULE } from './duration.ts';
import { SkillosError } from './errors.ts';
import { IDENTITY_SETTINGS } from './identity-settings.ts';
import { RATE_LIMIT_SETTINGS } from './rate-limit-settings.ts';
import { REDIS_SETTINGS } from './redis-settings.ts';
import { LIMIT_SETTINGS } from './limit-settings.ts';
import { FLAG, duration, flag, fraction, integer, setting, text } from './setting.ts';
import type { Setting } from './setting.ts';

const DSN = /^postgres(ql)?:\/\//;

export const SETTINGS = {
  root: setting({
    variable: 'SKILLOS_ROOT',
    schema: text,
    fallback: './skills',
    expected: 'a folder',
    meaning: 'The skills root; --root comes before it.',
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
    meaning: 'In production insecure settings are refused and no local engine is started.',
  }),
  parallelLimit: setting({
    variable: 'SKILLOS_PARALLEL_LIMIT',
    schema: integer(1, 200),
    fallback: '4',
    expected: 'a whole number from 1 to 200',
    meaning: 'How many members of one parallel group run at once.',
    inWorker: true,
  }),
  taskQueue: setting({
    variable: 'SKILLOS_TASK_QUEUE',
    schema: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
    fallback: 'skillos',
    expected: 'letters, digits and . _ -, at most 100',
    meaning: 'The Temporal task queue of this deployment.',
    inWorker: true,
  }),
  devAutostart: setting({
    variable: 'SKILLOS_DEV_AUTOSTART',
    schema: flag,
    fallback: '1',
    expected: FLAG,
    meaning: 'Whether a command that executes may start the local engine in the background.',
  }),
  devIdle: setting({
    variable: 'SKILLOS_DEV_IDLE',
    schema: duration,
    fallback: '1h',
    expected: DURATION_RULE,
    meaning: 'How long a local engine in the background stays without work; 0 keeps it.',
  }),
  storageBackend: setting({
    variable: 'SKILLOS_STORAGE_BACKEND',
    schema: z.enum(['file', 'postgres']),
    fallback: 'file',
    expected: 'file or postgres',
    meaning: 'Where runs, logs and large values are kept.',
    inWorker: true,
  }),
  postgresDsn: setting({
    variable: 'SKILLOS_POSTGRES_DSN',
    alias: 'DATABASE_URL',
    // What else DATABASE_URL may name is no concern of who keeps files: `brokenTogether` looks at it.
    schema: text,
    expected: 'a postgres:// or postgresql:// URL',
    meaning: 'The database of the postgres backend; DATABASE_URL is read where this is unset.',
    secret: true,
    inWorker: true,
  }),
  postgresSchema: setting({
    variable: 'SKILLOS_POSTGRES_SCHEMA',
    schema: z.string().regex(/^(?!pg_)[A-Za-z_][A-Za-z0-9_]{0,62}$/i),
    fallback: 'skillos',
    expected: 'letters, digits and _, at most 63, beginning with no digit and not with pg_',
    meaning: 'The schema in that database; it is made on first use.',
    inWorker: true,
  }),
  stateDir: setting({
    variable: 'SKILLOS_STATE_DIR',
    schema: text,
    expected: 'a folder',
    meaning: 'Where local engines keep database, log and addresses; default $XDG_STATE_HOME/skillos.',
  }),
  cacheDir: setting({
    variable: 'SKILLOS_CACHE_DIR',
    schema: text,
    expected: 'a folder',
    meaning: 'Where the Temporal binary and routing indexes are kept; default $XDG_CACHE_HOME/skillos.',
  }),
  temporalBin: setting({
    variable: 'SKILLOS_TEMPORAL_BIN',
    schema: text,
    expected: 'the path of a temporal CLI',
    meaning: 'The Temporal CLI to use for the local engine, before PATH and the download.',
  }),
  skillMemoryMb: setting({
    variable: 'SKILLOS_SKILL_MEMORY_MB',
    schema: integer(64, 65536),
    fallback: '512',
    expected: 'a whole number of MiB from 64 to 65536',
    meaning: 'Memory one skill process may use.',
    inWorker: true,
  }),
  skillProcesses: setting({
    variable: 'SKILLOS_SKILL_PROCESSES',
    schema: integer(1, 256),
    fallback: '16',
    expected: 'a whole number from 1 to 256',
    meaning: 'How many skill processes a worker runs at once.',
    inWorker: true,
  }),
  minConfidence: setting({
    variable: 'SKILLOS_ROUTING_MIN_CONFIDENCE',
    schema: fraction,
    fallback: '0.5',
    expected: 'a number from 0 to 1',
    meaning: 'Below this confidence a query is answered low_confidence and never executed.',
  }),
  uiUrl: setting({
    variable: 'SKILLOS_UI_URL',
    schema: z.url({ protocol: /^https?$/ }),
    expected: 'an http or https URL',
    meaning: 'Address of the Temporal Web UI of a configured server, for links to runs.',
  }),
  idempotencyTtlSeconds: setting({
    variable: 'SKILLOS_IDEMPOTENCY_TTL_SECONDS',
    schema: integer(0, 2_592_000),
    fallback: '300',
    expected: 'a whole number of seconds from 0 to 2592000',
    meaning: 'How long an idempotency key stands for the run it started; 0 turns keys off.',
  }),
  ...IDENTITY_SETTINGS,
  ...API_SETTINGS,
  ...RATE_LIMIT_SETTINGS,
  ...REDIS_SETTINGS,
  ...LIMIT_SETTINGS,
  ...APPROVAL_SETTINGS,
  debug: setting({
    variable: 'SKILLOS_DEBUG',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning: 'Whether errors show their stack.',
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** Every setting by its name; durations are milliseconds. */
export type Config = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends { readonly fallback: string }
    ? z.output<(typeof SETTINGS)[Name]['schema']>
    : z.output<(typeof SETTINGS)[Name]['schema']> | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads all settings; an empty value counts as unset. Throws `config_invalid` naming the variable, never its value. */
export function parseConfig(env: Environment): Config {
  const values = Object.entries(SETTINGS).map(([name, entry]) => [name, parseSetting(entry, env)]);
  const config = Object.fromEntries(values) as Config; // the shape is that of SETTINGS by construction
  const broken = brokenTogether(env);
  if (broken !== undefined) throw invalid(broken, broken.expected);
  return config;
}

/** The environment without what belongs to the caller alone. */
export function withoutPersonal(env: Environment): Environment {
  const personal = Object.values<Setting<unknown>>(SETTINGS).filter((entry) => entry.personal);
  const names = new Set(personal.map(({ variable }) => variable));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)));
}

/** Variables that a local worker keeps, whatever the environment of a later command. */
export const GUARDS: readonly string[] = Object.values<Setting<unknown>>(SETTINGS).flatMap((entry) =>
  entry.guards ? [entry.variable] : [],
);

/** What a process that is started for this one needs: its settings, each under its first name, but no personal one. */
export function settingsOf(env: Environment): Record<string, string> {
  const own = Object.entries(withoutPersonal(env)).filter(
    ([name, value]) => name.startsWith('SKILLOS_') && value,
  );
  const aliased = Object.values<Setting<unknown>>(SETTINGS).flatMap((entry) => {
    const given = entry.alias === undefined ? undefined : givenText(entry, env);
    return given === undefined ? [] : [[entry.variable, given]];
  });
  return Object.fromEntries([...own, ...aliased]) as Record<string, string>; // unset ones were left out
}

/** The setting `debug` alone, for reporting an error while other settings, or this one, may be broken. */
export function isDebug(env: Environment): boolean {
  return SETTINGS.debug.schema.safeParse(env[SETTINGS.debug.variable]).data === true;
}

/** A setting as a person may see it. */
export interface SettingState {
  readonly variable: string;
  /** As text; `set` for a secret, absent where there is none. */
  readonly value?: string;
  readonly source: 'environment' | 'default' | 'unset';
  readonly meaning: string;
  /** What was expected, where the value does not parse. */
  readonly expected?: string;
}

/** Every setting, broken ones too. */
export function describeSettings(env: Environment): readonly SettingState[] {
  const broken = brokenTogether(env);
  return Object.values<Setting<unknown>>(SETTINGS).map((entry) => {
    const state = describeSetting(entry, env);
    return entry.variable === broken?.variable ? Object.assign(state, broken) : state;
  });
}

export function describeSetting(entry: Setting<unknown>, env: Environment): SettingState {
  const { variable, meaning, secret, expected } = entry;
  const given = givenText(entry, env);
  const value = given ?? entry.fallback;
  if (value === undefined) return { variable, source: 'unset', meaning };
  return {
    variable,
    value: secret ? 'set' : value,
    source: given === undefined ? 'default' : 'environment',
    meaning,
    ...(entry.schema.safeParse(value).success ? {} : { expected }),
  };
}

function parseSetting(entry: Setting<unknown>, env: Environment): unknown {
  const text = givenText(entry, env) ?? entry.fallback;
  if (text === undefined) return undefined;
  const parsed = entry.schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw invalid(entry, entry.expected);
}

function givenText({ variable, alias }: Setting<unknown>, env: Environment): string | undefined {
  return env[variable] || (alias === undefined ? undefined : env[alias]) || undefined;
}

/** The setting that is wrong only beside another one. */
function brokenTogether(env: Environment): { variable: string; expected: string } | undefined {
  const { storageBackend, postgresDsn, rateLimitStrict, redisUrl } = SETTINGS;
  const wantsPostgres = env[storageBackend.variable] === 'postgres';
  if (wantsPostgres && !DSN.test(givenText(postgresDsn, env) ?? '')) {
    return needed(postgresDsn, 'the postgres backend');
  }
  const isStrict = rateLimitStrict.schema.safeParse(env[rateLimitStrict.variable]).data === true;
  if (isStrict && givenText(redisUrl, env) === undefined) return needed(redisUrl, 'strict rate limits');
  return undefined;
}

function needed({ variable, alias, expected }: Setting<unknown>, by: string) {
  return { variable, expected: `${expected}, there or in ${alias}, for ${by}` };
}

function invalid({ variable }: { readonly variable: string }, expected: string): SkillosError {
  return new SkillosError('config_invalid', `Invalid ${variable}: expected ${expected}`, {
    details: { variable, expected },
    hint: 'skillos config',
  });
}
