/** Tenant names. They are compared as given, never normalized. */

export const DEFAULT_TENANT = 'default';
export const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/;
export const TENANT_RULE = 'a-z 0-9 _ and -, at most 63, beginning with a letter or digit';

/** The tenant of this process by its settings. Callers with a token may be of another one. */
export function tenantOfProcess({ tenant }: { readonly tenant?: string | undefined }): string {
  return tenant ?? DEFAULT_TENANT;
}
