/** Keeps known secrets out of what is written: wherever one stands in a text, a mark stands instead. */
import { SETTINGS } from './config.ts';
import type { Config, SettingName } from './config.ts';
import type { JsonObject, JsonValue } from './json.ts';
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

type MaskText = (text: string) => string;

/** Masks what the fields' names give away, and the secrets wherever they stand; names of fields are left as they are. */
export function masker(secrets: readonly string[]): Mask {
  // The longest first, so that a secret that holds another one goes as a whole.
  const known = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  const inTexts = known.map((secret) => (secret.length < MIN_ANYWHERE ? asWord(secret) : literal(secret)));
  const inIds = known.filter((secret) => secret.length >= MIN_IN_IDS).map(literal);
  return mask(textMasker(inTexts), textMasker(inIds));
}

function mask(maskText: MaskText, maskId: MaskText): Mask {
  const maskAs = (value: JsonValue, isId: boolean): JsonValue => {
    if (typeof value === 'string') return isId ? maskId(value) : maskText(value);
    if (value === null || typeof value !== 'object') return value;
    if (isList(value)) return mapItems(value, (item) => maskAs(item, isId));
    return mapFields(value, (field, item) => {
      const kind = kindOf(field);
      return kind === 'secret' ? MASK : maskAs(item, kind === 'id');
    });
  };
  return (value) => maskAs(value, false);
}

/** Most of what is written holds no secret: nothing is copied where nothing changes. */
function mapItems(items: readonly JsonValue[], map: (item: JsonValue) => JsonValue): readonly JsonValue[] {
  const mapped = items.map(map);
  return mapped.every((item, index) => item === items[index]) ? items : mapped;
}

function mapFields(fields: JsonObject, map: (field: string, item: JsonValue) => JsonValue): JsonObject {
  const changed: [string, JsonValue][] = [];
  for (const field in fields) {
    const item = fields[field] as JsonValue;
    const mapped = map(field, item);
    if (mapped !== item) changed.push([field, mapped]);
  }
  return changed.length === 0 ? fields : { ...fields, ...Object.fromEntries(changed) };
}

type FieldKind = 'secret' | 'id' | 'text';

/** What is written has the same few fields over and over. */
const kinds = new Map<string, FieldKind>();

function kindOf(field: string): FieldKind {
  const known = kinds.get(field);
  if (known !== undefined) return known;
  const kind = SECRET_FIELD.test(field) ? 'secret' : ID_FIELD.test(field) ? 'id' : 'text';
  if (kinds.size < MAX_REMEMBERED) kinds.set(field, kind);
  return kind;
}

/** TypeScript takes a read-only list for no array. */
function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function textMasker(alternatives: readonly string[]): MaskText {
  if (alternatives.length === 0) return (text) => text;
  const pattern = new RegExp(alternatives.join('|'), 'gu');
  return (text) => text.replace(pattern, MASK);
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
