/** The identity of a caller. Without zod: workflows use these types. */

/** `via` is the source of the identity: `local` is an unverified local user, `jwt` a verified token. */
export interface Principal {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly via: 'local' | 'jwt';
  /** Permissions that the token grants directly, as glob patterns. */
  readonly permissions?: readonly string[];
  /** Other claims of the token, for conditions of policies. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export type Attribute = string | number | boolean | readonly (string | number | boolean)[];

/** The part of a principal that a run record keeps. */
export type RecordedPrincipal = Pick<Principal, 'subject' | 'roles' | 'via'>;
