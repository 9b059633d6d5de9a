/** Who calls, from the local user's word or from the claims of a verified token. */
import * as z from 'zod';
import { SkillosError } from './errors.ts';
import type { Attribute, Principal } from './run.ts';

export interface Caller {
  readonly principal: Principal;
  readonly tenant: string;
}

/** What a caller asks to be seen as. */
export interface Asked {
  readonly role?: string | undefined;
  readonly tenant?: string | undefined;
}

const DEFAULT_TENANT = 'default';
export const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/;
export const TENANT_RULE = 'a-z 0-9 _ and -, at most 63, beginning with a letter or digit';

const MAX_NAME = 200;
const MAX_NAMES = 1000;

const name = z
  .string('expected a text')
  .refine(isName, { error: `expected 1 to ${MAX_NAME} characters, none of them control characters` });
const listed = (value: unknown): unknown => (typeof value === 'string' ? [value] : value);
const split = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(' ').filter(Boolean) : value;
const names = z
  .array(name, 'expected a text or a list of texts')
  .max(MAX_NAMES, `expected at most ${MAX_NAMES}`);
const roles = z.preprocess(listed, names).nullish();
const permissions = z.preprocess(split, names).nullish();
const tenant = z.string('expected a text').regex(TENANT, `expected ${TENANT_RULE}`).nullish();

const claimsSchema = z.looseObject({
  sub: name,
  role: name.nullish(),
  roles,
  permissions,
  scopes: permissions,
  scope: permissions,
  tenant_id: tenant,
  tenant,
  tid: tenant,
});

/** Claims that say something of the token, or that have their own place in the principal. */
const NO_ATTRIBUTES = new Set([...Object.keys(claimsSchema.shape), 'iss', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/** The person at the command line is believed: the role is whatever they say. */
export function localCaller(subject: string, asked: Asked): Caller {
  const { role, tenant = DEFAULT_TENANT } = asked;
  if (role !== undefined && !isName(role)) {
    throw new SkillosError(
      'usage',
      `Invalid role ${JSON.stringify(role.slice(0, MAX_NAME))}: expected a name`,
    );
  }
  return { principal: { subject, roles: role === undefined ? [] : [role], via: 'local' }, tenant };
}

/**
 * The holder of a token, whose signature was verified before. Rejects claims of the wrong shape with `token_invalid`,
 * a role that it does not hold with `role_not_held`, and another tenant than asked for with `tenant_mismatch`.
 */
export function callerOf(claims: unknown, asked: Asked): Caller {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
    throw new SkillosError('token_invalid', `Invalid claim ${JSON.stringify(path.join('.'))}: ${message}`);
  }
  const held = parsed.data;
  const principal: Principal = {
    subject: held.sub,
    roles: [...new Set([...(held.role == null ? [] : [held.role]), ...(held.roles ?? [])])],
    via: 'jwt',
    permissions: held.permissions ?? held.scopes ?? held.scope ?? [],
    attributes: attributesOf(held),
  };
  const ownTenant = held.tenant_id ?? held.tenant ?? held.tid ?? undefined;
  return { principal: narrow(principal, asked.role), tenant: tenantOf(ownTenant, asked.tenant) };
}

/** Acting in one role means its rights alone: those that the token grants by itself are left behind too. */
function narrow(principal: Principal, role: string | undefined): Principal {
  if (role === undefined) return principal;
  if (!principal.roles.includes(role)) {
    throw new SkillosError(
      'role_not_held',
      `The token does not hold role ${JSON.stringify(role.slice(0, MAX_NAME))}`,
    );
  }
  return { ...principal, roles: [role], permissions: [] };
}

function tenantOf(own: string | undefined, asked: string | undefined): string {
  if (own !== undefined && asked !== undefined && own !== asked) {
    throw new SkillosError('tenant_mismatch', `The token belongs to tenant "${own}", and not to "${asked}"`);
  }
  return own ?? asked ?? DEFAULT_TENANT;
}

/** Texts, numbers, booleans and lists of them; no condition can ask for anything else. */
function attributesOf(claims: Readonly<Record<string, unknown>>): Readonly<Record<string, Attribute>> {
  const entries = Object.entries(claims).filter(
    ([claim, value]) =>
      !NO_ATTRIBUTES.has(claim) && (isScalar(value) || (Array.isArray(value) && value.every(isScalar))),
  );
  return Object.fromEntries(entries) as Readonly<Record<string, Attribute>>; // only such were kept
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isName(text: string): boolean {
  return text.length <= MAX_NAME && /^\P{Cc}+$/u.test(text);
}
