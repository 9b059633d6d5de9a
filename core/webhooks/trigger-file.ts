/** Parses the file of triggers. */
import * as z from 'zod';
import { SkillosError } from '../errors/errors.ts';
import type { JsonValue } from '../json.ts';
import { isReservedName } from '../settings/reserved-names.ts';
import { SETTINGS } from '../settings/settings.ts';
import { POINTER_RULE, isPointer } from '../values/json-pointer.ts';
import { SKILL_ID_RULE, isSkillId, parseSkillId } from '../values/skill-id.ts';
import { findName } from '../values/strict-json.ts';
import { SCHEMES } from './scheme.ts';
import type { KeySource, Trigger, TriggerProblem, Triggers } from './trigger.ts';

export const TRIGGER_FILE = 'triggers/webhooks.json';

const SECRET = /^secret:([A-Za-z_][A-Za-z0-9_]{0,127})$/;
/** Without the value, which may be the secret itself. */
const SECRET_RULE = 'expected secret:KEY, where KEY is not the name of a setting';
const HEADER = /^header:([A-Za-z0-9-]{1,100})$/;
const TRIGGER_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const ID_RULE = '1 to 63 of a-z A-Z 0-9 _ -, beginning with a letter or digit';

const shown = (text: string) => JSON.stringify(text.slice(0, 100));
const matching = (rule: (text: string) => boolean, expected: string) =>
  z
    .string(`expected ${expected}`)
    .refine(rule, { error: ({ input }) => `${shown(input as string)}: expected ${expected}` });
const name = matching((text) => /^\P{Cc}{1,200}$/u.test(text), 'a name of at most 200 characters');
const count = (max: number) => z.int(`expected a whole number from 1 to ${max}`).min(1).max(max);

const triggerId = matching((text) => TRIGGER_ID.test(text), ID_RULE);

const entrySchema = z
  .strictObject({
    id: triggerId.optional(),
    trigger_id: triggerId.optional(),
    skill_id: matching(isSkillId, SKILL_ID_RULE),
    secret: z.string(SECRET_RULE).refine(isSecret, SECRET_RULE).optional(),
    scheme: z.enum(SCHEMES, `expected one of ${SCHEMES.join(', ')}`).default('skillos'),
    payload: matching(isPointer, POINTER_RULE).optional(),
    idempotency: matching(
      (text) => HEADER.test(text) || isPointer(text),
      `${POINTER_RULE}, or header:<Name>`,
    ).optional(),
    rate_limit: z.strictObject({ requests: count(1_000_000), window_seconds: count(86_400) }).optional(),
    principal: z.strictObject({ subject: name, roles: z.array(name).max(100).default([]) }).optional(),
  })
  .refine((entry) => (entry.id === undefined) !== (entry.trigger_id === undefined), {
    error: 'expected one of id and trigger_id',
  });

/** The whole file, as editors check it. */
export const triggerFileSchema = z.looseObject({
  webhooks: z.array(entrySchema).optional(),
  triggers: z.array(entrySchema).optional(),
});

/** Throws `trigger_file_invalid` if the file as a whole cannot be read. */
export function parseTriggerFile(text: string): Triggers {
  const { name: listName, entries } = listIn(parseJson(text));
  const found = entries.map((value, index) => parseEntry(value, [listName, index]));
  const ids = found.map((each) => ('trigger' in each ? each.trigger.id : ''));
  const isRepeated = (id: string) => ids.indexOf(id) !== ids.lastIndexOf(id);
  const triggers = found.flatMap((each) => ('trigger' in each ? [each.trigger] : []));
  const repeated = [...new Set(triggers.map(({ id }) => id).filter(isRepeated))];
  return {
    triggers: triggers.filter(({ id }) => !repeated.includes(id)),
    problems: [
      ...found.flatMap((each) => ('problem' in each ? [each.problem] : [])),
      ...repeated.map((id) => ({
        entry: id,
        field: `${listName}.${ids.lastIndexOf(id)}`,
        message: 'expected an id that no other entry has',
      })),
    ],
  };
}

function parseJson(text: string): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw invalid('it is not JSON');
  }
  const repeated = findName(text, (each, siblings) => siblings.has(each) || each === '__proto__');
  if (repeated !== undefined) throw invalid(`the name ${shown(repeated)} is repeated or reserved`);
  return value;
}

function listIn(value: JsonValue): { readonly name: string; readonly entries: readonly JsonValue[] } {
  const parsed = z.looseObject({
    webhooks: z.array(z.unknown()).optional(),
    triggers: z.array(z.unknown()).optional(),
  });
  const { data } = parsed.safeParse(value);
  const name = data?.webhooks === undefined ? 'triggers' : 'webhooks';
  const entries = data?.[name];
  if (entries === undefined) throw invalid('expected an object with the list "webhooks"');
  return { name, entries: entries as readonly JsonValue[] }; // parsed from JSON
}

function parseEntry(
  value: JsonValue,
  [list, index]: readonly [list: string, index: number],
): { readonly trigger: Trigger } | { readonly problem: TriggerProblem } {
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) return { trigger: triggerOf(parsed.data) };
  const [issue] = parsed.error.issues as [z.core.$ZodIssue];
  const field = issue.path.map(String).join('.');
  const message =
    issue.code === 'unrecognized_keys' ? `unknown field ${shown(issue.keys.join(', '))}` : issue.message;
  return {
    problem: {
      entry: nameIn(value) ?? `${list}[${index}]`,
      field: [list, index, ...issue.path].map(String).join('.'),
      message: field === '' ? message : `${field} ${message}`,
    },
  };
}

function triggerOf(entry: z.output<typeof entrySchema>): Trigger {
  const { id, trigger_id: alias, skill_id: skill, secret, scheme, payload, idempotency, principal } = entry;
  const secretName = secret === undefined ? undefined : SECRET.exec(secret)?.[1];
  const { requests, window_seconds: windowSeconds } = entry.rate_limit ?? {};
  return {
    id: (id ?? alias) as string, // the schema requires one of them
    skill: parseSkillId(skill),
    scheme,
    ...(secretName === undefined ? {} : { secretName }),
    ...(payload === undefined ? {} : { payload }),
    ...(idempotency === undefined ? {} : { idempotency: keySourceOf(idempotency) }),
    ...(requests === undefined || windowSeconds === undefined
      ? {}
      : { rateLimit: { requests, windowSeconds } }),
    ...(principal === undefined ? {} : { principal }),
  };
}

function keySourceOf(text: string): KeySource {
  const header = HEADER.exec(text)?.[1];
  return header === undefined ? { kind: 'pointer', pointer: text } : { kind: 'header', name: header };
}

/** The secrets of SkillOS itself must not become those of a sender. */
function isSecret(text: string): boolean {
  const key = SECRET.exec(text)?.[1];
  return key !== undefined && (key === SETTINGS.webhookSecret.variable || !isReservedName(key));
}

function nameIn(value: JsonValue): string | undefined {
  const parsed = z
    .looseObject({ id: triggerId })
    .or(z.looseObject({ trigger_id: triggerId }))
    .safeParse(value);
  const found = (parsed.data ?? {}) as { readonly id?: string; readonly trigger_id?: string };
  return found.id ?? found.trigger_id;
}

function invalid(problem: string): SkillosError {
  return new SkillosError('trigger_file_invalid', `Invalid ${TRIGGER_FILE}: ${problem}`);
}
