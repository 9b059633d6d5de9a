/** Parses the settings from an environment; nothing else reads them. */
import type * as z from 'zod';
import { SkillosError } from '../errors/errors.ts';
import type { ServedRoot } from '../storage/serving.ts';
import type { Setting } from './setting.ts';
import { SETTINGS, isSafeUrl } from './settings.ts';

const DSN = /^postgres(ql)?:\/\//;
/** The driver takes `allow` and `prefer` for something else than libpq does, and ignores unknown modes. */
const SSL_MODE = /^(disable|no-verify|require|verify-ca|verify-full)$/;

export type SettingName = keyof typeof SETTINGS;

/** The values of all settings; durations are in milliseconds. */
export type Config = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends { readonly fallback: string }
    ? z.output<(typeof SETTINGS)[Name]['schema']>
    : z.output<(typeof SETTINGS)[Name]['schema']> | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Parses all settings; an empty value counts as unset. Throws `config_invalid` with the variable, but not its value. */
export function parseConfig(env: Environment): Config {
  const values = Object.entries(SETTINGS).map(([name, entry]) => [name, parseSetting(entry, env)]);
  const config = Object.fromEntries(values) as Config; // has the names of SETTINGS
  const broken = brokenTogether(env);
  if (broken !== undefined) throw invalid(broken, broken.expected);
  return config;
}

/** Reads only the root, which has the other settings of a deployment. */
export function rootOf(env: Environment): string {
  return env[SETTINGS.root.variable] || SETTINGS.root.fallback;
}

/** True if hosts run what was deployed, not the files beside them. */
export function usesDeployments({
  deployments,
  production,
  storageBackend,
}: Pick<Config, 'deployments' | 'production' | 'storageBackend'>): boolean {
  return deployments ?? (production && storageBackend === 'postgres');
}

/** Nothing with files: they belong to one host, whose engine starts a worker with other settings while the one before drains. */
export function servedRoot(config: Parameters<typeof usesDeployments>[0]): { readonly serves?: ServedRoot } {
  if (config.storageBackend === 'file') return {};
  return { serves: usesDeployments(config) ? 'deployment' : 'folder' };
}

/** Returns the environment over the settings of the root; an empty variable does not count. */
export function overRootSettings(env: Environment, ofRoot: Environment): Environment {
  const given = Object.entries(env).filter(([name, value]) => value || !(name in ofRoot));
  return { ...ofRoot, ...Object.fromEntries(given) };
}

/** Returns the environment without the variables of personal settings. */
export function withoutPersonal(env: Environment): Environment {
  const personal = Object.values<Setting<unknown>>(SETTINGS).filter((entry) => entry.personal);
  const names = new Set(personal.map(({ variable }) => variable));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)));
}

/** Variables that a local worker keeps when a later command replaces it. */
export const GUARDS: readonly string[] = Object.values<Setting<unknown>>(SETTINGS).flatMap((entry) =>
  entry.guards ? [entry.variable] : [],
);

/** Returns the settings for a child process, each under its first variable, without personal ones. */
export function settingsOf(env: Environment): Record<string, string> {
  const own = Object.entries(withoutPersonal(env)).filter(
    ([name, value]) => name.startsWith('SKILLOS_') && value,
  );
  const aliased = Object.values<Setting<unknown>>(SETTINGS).flatMap((entry) => {
    const given = entry.alias === undefined ? undefined : givenText(entry, env);
    return given === undefined ? [] : [[entry.variable, given]];
  });
  return Object.fromEntries([...own, ...aliased]) as Record<string, string>; // undefined values were filtered out
}

/** Reads only the setting `debug`, for reports of errors in the settings. */
export function isDebug(env: Environment): boolean {
  return SETTINGS.debug.schema.safeParse(env[SETTINGS.debug.variable]).data === true;
}

/** A setting as shown to people. */
export interface SettingState {
  readonly variable: string;
  /** The value as text, or `set` for a secret; absent if the setting has no value. */
  readonly value?: string;
  readonly source: 'environment' | 'settings.env' | 'default' | 'unset';
  readonly meaning: string;
  /** Present if the value is not valid. */
  readonly expected?: string;
}

/** Describes all settings, including invalid ones; `ofRoot` contains those of `settings.env`. */
export function describeSettings(env: Environment, ofRoot: Environment = {}): readonly SettingState[] {
  const broken = brokenTogether(env);
  return Object.values<Setting<unknown>>(SETTINGS).map((entry) => {
    const isOfRoot = givenText(entry, env) === undefined && givenText(entry, ofRoot) !== undefined;
    const state = describeSetting(entry, isOfRoot ? ofRoot : env);
    const source = isOfRoot ? ({ source: 'settings.env' } as const) : undefined;
    return Object.assign(state, source, entry.variable === broken?.variable ? broken : undefined);
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

/** Returns a setting that is not valid in combination with another one. */
function brokenTogether(env: Environment): { variable: string; expected: string } | undefined {
  const { storageBackend, postgresDsn, rateLimitStrict, redisUrl } = SETTINGS;
  const wantsPostgres = env[storageBackend.variable] === 'postgres';
  if (wantsPostgres) {
    const dsn = givenText(postgresDsn, env) ?? '';
    if (!DSN.test(dsn)) return needed(postgresDsn, 'the postgres backend');
    const modes = [...dsn.matchAll(/(?<=[?&]sslmode=)[^&#]*/g)].map(([mode]) => mode);
    if (!modes.every((mode) => SSL_MODE.test(mode))) return sslModeNeeded(postgresDsn);
  }
  const isStrict = rateLimitStrict.schema.safeParse(env[rateLimitStrict.variable]).data === true;
  if (isStrict && givenText(redisUrl, env) === undefined) return needed(redisUrl, 'strict rate limits');
  return brokenInProduction(env) ?? brokenVersioning(env) ?? brokenEmbeddings(env);
}

function brokenInProduction(env: Environment): { variable: string; expected: string } | undefined {
  const { production, webhookAllowUnsigned, publicUrl } = SETTINGS;
  if (production.schema.safeParse(env[production.variable]).data !== true) return undefined;
  const { variable } = webhookAllowUnsigned;
  if (webhookAllowUnsigned.schema.safeParse(env[variable]).data === true) {
    return { variable, expected: '0 in production' };
  }
  const isOpen = givenText(publicUrl, env)?.startsWith('http:') === true;
  return isOpen ? { variable: publicUrl.variable, expected: 'an https:// URL in production' } : undefined;
}

/** Temporal's Worker Deployments are named after the queue, and their names contain no dot. */
function brokenVersioning(env: Environment): { variable: string; expected: string } | undefined {
  const { taskQueue, workerVersioning } = SETTINGS;
  const isOn = workerVersioning.schema.safeParse(env[workerVersioning.variable]).data === true;
  if (!isOn || !givenText(taskQueue, env)?.includes('.')) return undefined;
  return { variable: taskQueue.variable, expected: `no dot together with ${workerVersioning.variable}` };
}

function brokenEmbeddings(env: Environment): { variable: string; expected: string } | undefined {
  const { embeddings, embeddingsUrl, embeddingsModel, embeddingsApiKey } = SETTINGS;
  const url = givenText(embeddingsUrl, env);
  if (url === undefined) return undefined;
  if (givenText(embeddings, env) === 'local') {
    return {
      variable: embeddings.variable,
      expected: `off or nothing together with ${embeddingsUrl.variable}`,
    };
  }
  if (givenText(embeddingsModel, env) === undefined) {
    return {
      variable: embeddingsModel.variable,
      expected: `${embeddingsModel.expected} for ${embeddingsUrl.variable}`,
    };
  }
  if (givenText(embeddingsApiKey, env) === undefined || isSafeUrl(url)) return undefined;
  return {
    variable: embeddingsUrl.variable,
    expected: 'https, or a server on this machine, because a key is sent to it',
  };
}

function sslModeNeeded({ variable, alias }: Setting<unknown>) {
  const expected = `sslmode in ${variable} or ${alias} to be disable, no-verify, require, verify-ca or verify-full`;
  return { variable, expected };
}

function needed({ variable, alias, expected }: Setting<unknown>, by: string) {
  return { variable, expected: `${expected}, in ${variable} or ${alias}, for ${by}` };
}

function invalid({ variable }: { readonly variable: string }, expected: string): SkillosError {
  return new SkillosError('config_invalid', `Invalid ${variable}: expected ${expected}`, {
    details: { variable, expected },
    hint: 'skillos config',
  });
}

/**
 * Throws `config_invalid` in production without a server key, because anyone who reaches Temporal could start
 * runs under any name.
 */
export function requireServerKey({ production, serverKey }: Pick<Config, 'production' | 'serverKey'>): void {
  if (!production || serverKey !== undefined) return;
  const { variable, expected } = SETTINGS.serverKey;
  throw new SkillosError('config_invalid', `Invalid ${variable}: expected ${expected} in production`, {
    details: { variable, expected },
    hint: 'skillos config',
  });
}
