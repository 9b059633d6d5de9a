/** Replaces known secrets in log output by a mark. */
import { literal, secretPatterns } from './secret-patterns.ts';
import { SETTINGS } from './settings.ts';
import type { Config, SettingName } from './config.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Setting } from './setting.ts';

export const MASK = '[REDACTED]';

/** A secret with fewer characters is masked only as a whole word, because other words may contain it by chance. */
const MIN_ANYWHERE = 8;
/** A secret with at least as many characters is masked in ids and hashes too: they do not contain it by chance. */
const MIN_IN_IDS = 16;

/** Bounds the memory for names of fields, which skills may choose. */
const MAX_KNOWN_FIELDS = 1000;

/** Fields whose values are always masked. No event has such a field today; the rule catches mistakes. */
const SECRET_FIELD =
  /^(authorization|proxy-authorization|cookie|set-cookie|jwt|(.*_)?token|password|(.*_)?secret|api_?key|proof|signature)$/i;

/** Fields with ids, hashes, times and names that SkillOS makes. */
const ID_FIELD = /(_id|_hash|_at|^event|^timestamp|^digest)$/;

export type Mask = (value: JsonValue) => JsonValue;

type MaskText = (text: string) => string;

/**
 * Returns a function that masks secret fields and all occurrences of `secrets` in texts, also encoded ones. Names of fields
 * stay.
 */
export function masker(secrets: readonly string[]): Mask {
  const known = longestFirst(secrets);
  const inTexts = known.flatMap((secret) =>
    secret.length < MIN_ANYWHERE ? [asWord(secret)] : secretPatterns(secret),
  );
  const inIds = known.filter((secret) => secret.length >= MIN_IN_IDS).flatMap(secretPatterns);
  return mask(textMasker(inTexts), textMasker(inIds));
}

/** Masks what is handed out by skills and servers. Secrets with fewer than 8 characters are not masked. */
export interface OutputMask {
  text(text: string): string;
  /** Takes and returns the text of a JSON value, masks the names of its fields too, and changes nothing else. */
  json(text: string): string;
}

/** Masks the secrets, and the passwords in those that are addresses. */
export function outputMask(secrets: readonly string[]): OutputMask {
  const patterns = longestFirst(secrets.flatMap((secret) => [secret, ...passwordsIn(secret)]))
    .filter((secret) => secret.length >= MIN_ANYWHERE)
    .flatMap(secretPatterns);
  const text = textMasker(patterns);
  const reviver = maskParsed(text);
  return {
    text,
    // The patterns find secrets in the text of JSON as well, and most texts contain none.
    json: (given) => (text(given) === given ? given : JSON.stringify(JSON.parse(given, reviver))),
  };
}

/** A reviver of JSON.parse. A number that is a secret becomes the mask too. */
function maskParsed(text: MaskText): (key: string, value: unknown) => unknown {
  return (_key, value) => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number') return text(String(value)) === MASK ? MASK : value;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [text(name), item]));
  };
}

/** So that a secret which contains another one is masked as a whole. */
function longestFirst(secrets: readonly string[]): readonly string[] {
  return [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
}

function mask(maskText: MaskText, maskId: MaskText): Mask {
  const kindOf = fieldKinds();
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

/** Returns the same list if nothing changed: most values contain no secret. */
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

/** Returns a function that remembers the kinds of the first fields it sees: lines of the log repeat a few names. */
function fieldKinds(): (field: string) => FieldKind {
  const known = new Map<string, FieldKind>();
  return (field) => {
    const found = known.get(field);
    if (found !== undefined) return found;
    const kind = SECRET_FIELD.test(field) ? 'secret' : ID_FIELD.test(field) ? 'id' : 'text';
    if (known.size < MAX_KNOWN_FIELDS) known.set(field, kind);
    return kind;
  };
}

/** Array.isArray does not narrow to read-only arrays. */
function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function textMasker(alternatives: readonly string[]): MaskText {
  if (alternatives.length === 0) return (text) => text;
  const pattern = new RegExp(alternatives.join('|'), 'gu');
  return (text) => text.replace(pattern, MASK);
}

function asWord(secret: string): string {
  return String.raw`(?<![\p{L}\p{N}_./-])${literal(secret)}(?![\p{L}\p{N}_./-])`;
}

/** Returns the values of all secret settings, and the passwords in those that are URLs. */
export function secretsOf(config: Partial<Config>): readonly string[] {
  const entries = Object.entries<Setting<unknown>>(SETTINGS).filter(([, { secret }]) => secret);
  const values = entries.map(([name]) => config[name as SettingName]);
  // A value that begins with @ is the path of a file.
  const own = values.filter((value) => typeof value === 'string' && !value.startsWith('@')) as string[];
  return own.concat(own.flatMap(passwordsIn));
}

/** Returns the password of `scheme://user:password@host`, as written and percent-decoded. */
function passwordsIn(address: string): readonly string[] {
  const [, written] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#:@]*:([^/?#]*)@/i.exec(address) ?? [];
  if (written === undefined) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written]; // a percent sign that begins no escape is part of the password
  }
}
