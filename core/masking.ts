/** Keeps known secrets out of what is written: wherever one stands in a text, a mark stands instead. */
import { SETTINGS } from './config.ts';
import type { Config, SettingName } from './config.ts';
import type { JsonValue } from './json.ts';
import type { Setting } from './setting.ts';

export const MASK = '[REDACTED]';

/** A shorter secret is masked only as a word of its own: elsewhere it would tear up words that merely hold it. */
const MIN_ANYWHERE = 8;
/** No id or hash of ours holds a text of this length by chance, so from here on they are masked too. */
const MIN_IN_IDS = 16;

const MAX_REMEMBERED = 1000;

/** Fields that hold a secret whatever its value; no event of ours has one, and none gets in by mistake. */
const SECRET_FIELD =
  /^(authorization|proxy-authorization|cookie|set-cookie|jwt|(.*_)?token|password|(.*_)?secret|api_?key|proof|signature)$/i;

/** Fields that hold ids, hashes, times and names of ours. */
const ID_FIELD = /(_id|_hash|_at|^event|^timestamp|^digest)$/;

export type Mask = (value: JsonValue) => JsonValue;

/** Masks what the fields' names give away, and the secrets wherever they stand; names of fields are left as they are. */
export function masker(secrets: readonly string[]): Mask {
  // The longest first, so that a secret that holds another one goes as a whole.
  const known = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  const inTexts = known.map((secret) => (secret.length < MIN_ANYWHERE ? asWord(secret) : literal(secret)));
  const inIds = known.filter((secret) => secret.length >= MIN_IN_IDS).map(literal);
  return mask(patternOf(inTexts), patternOf(inIds));
}

function mask(inTexts: RegExp, inIds: RegExp): Mask {
  const maskAs = (value: JsonValue, isId: boolean): JsonValue => {
    if (typeof value === 'string') return value.replace(isId ? inIds : inTexts, MASK);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((item: JsonValue) => maskAs(item, isId));
    const entries = Object.entries(value).map(([field, item]) => [
      field,
      isSecretField(field) ? MASK : maskAs(item, isIdField(field)),
    ]);
    return Object.fromEntries(entries) as JsonValue;
  };
  return (value) => maskAs(value, false);
}

const isSecretField = remembered((field) => SECRET_FIELD.test(field));
const isIdField = remembered((field) => ID_FIELD.test(field));

/** What is written has the same few fields over and over. */
function remembered(test: (field: string) => boolean): (field: string) => boolean {
  const known = new Map<string, boolean>();
  return (field) => {
    const answer = known.get(field) ?? test(field);
    if (known.size < MAX_REMEMBERED) known.set(field, answer);
    return answer;
  };
}

function patternOf(alternatives: readonly string[]): RegExp {
  return alternatives.length === 0 ? /(?!)/ : new RegExp(alternatives.join('|'), 'gu');
}

function literal(secret: string): string {
  return secret.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

function asWord(secret: string): string {
  return String.raw`(?<![\p{L}\p{N}_./-])${literal(secret)}(?![\p{L}\p{N}_./-])`;
}

/** The values of all secret settings, and the parts of them that are secret by themselves. */
export function secretsOf(config: Partial<Config>): readonly string[] {
  const entries = Object.entries<Setting<unknown>>(SETTINGS).filter(([, { secret }]) => secret);
  const values = entries.map(([name]) => config[name as SettingName]);
  // What begins with @ names a file.
  const own = values.filter((value) => typeof value === 'string' && !value.startsWith('@')) as string[];
  return own.concat(own.flatMap(passwordsIn));
}

/** `scheme://user:password@host`, as it is written there and as it is meant. */
function passwordsIn(address: string): readonly string[] {
  const [, written] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#:@]*:([^/?#]*)@/i.exec(address) ?? [];
  if (written === undefined) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written]; // a stray percent sign is one
  }
}
