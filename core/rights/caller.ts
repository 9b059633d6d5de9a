/** The caller, from options of the local user or from the claims of a verified token. */
import * as z from 'zod';
import { SkillosError } from '../errors/errors.ts';
import { DEFAULT_TENANT, TENANT, TENANT_RULE } from '../values/tenant.ts';
import type { Attribute, Principal } from './principal.ts';

/** A principal in a tenant. */
export interface Caller {
  readonly principal: Principal;
  readonly tenant: string;
}

/** Role and tenant that the caller requests. */
export interface IdentityRequest {
  readonly role?: string | undefined;
  readonly tenant?: string | undefined;
}

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

/** Claims that describe the token, or that have a field of their own in the principal. */
const NO_ATTRIBUTES = new Set([...Object.keys(claimsSchema.shape), 'iss', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/** The caller at the command line. The role is not verified: roles there prevent mistakes only. */
export function localCaller(subject: string, requested: IdentityRequest): Caller {
  const { role, tenant = DEFAULT_TENANT } = requested;
  if (role !== undefined && !isName(role)) {
    throw new SkillosError(
      'usage',
      `Invalid role ${JSON.stringify(role.slice(0, MAX_NAME))}: expected a name`,
    );
  }
  return { principal: { subject, roles: role === undefined ? [] : [role], via: 'local' }, tenant };
}

/**
 * The caller of a token with a verified signature. Throws `token_invalid` for claims of a wrong type, `role_not_held`
 * if the token does not contain the requested role, and `tenant_mismatch` if the requested tenant is another one.
 */
export function callerOf(claims: unknown, requested: IdentityRequest): Caller {
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
  return { principal: narrow(principal, requested.role), tenant: tenantOf(ownTenant, requested.tenant) };
}

/** Limits the principal to one role; permissions that the token grants directly are removed too. */
function narrow(principal: Principal, role: string | undefined): Principal {
  if (role === undefined) return principal;
  if (!principal.roles.includes(role)) {
    throw new SkillosError(
      'role_not_held',
      `The token does not contain the role ${JSON.stringify(role.slice(0, MAX_NAME))}`,
    );
  }
  return { ...principal, roles: [role], permissions: [] };
}

function tenantOf(own: string | undefined, requested: string | undefined): string {
  if (own !== undefined && requested !== undefined && own !== requested) {
    throw new SkillosError(
      'tenant_mismatch',
      `The tenant of the token is "${own}", but "${requested}" was requested`,
    );
  }
  return own ?? requested ?? DEFAULT_TENANT;
}

/** Keeps claims that policies can compare: texts, numbers, booleans and lists of them. */
function attributesOf(claims: Readonly<Record<string, unknown>>): Readonly<Record<string, Attribute>> {
  const entries = Object.entries(claims).filter(
    ([claim, value]) =>
      !NO_ATTRIBUTES.has(claim) && (isScalar(value) || (Array.isArray(value) && value.every(isScalar))),
  );
  return Object.fromEntries(entries) as Readonly<Record<string, Attribute>>; // other values were filtered out
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isName(text: string): boolean {
  return text.length <= MAX_NAME && /^\P{Cc}+$/u.test(text);
}
