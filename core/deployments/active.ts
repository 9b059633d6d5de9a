/** The record of the active deployment, and how it changes. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject } from '../json.ts';
import type { TrustedKey } from '../marketplace/keyring.ts';
import type { Records } from '../storage/records.ts';
import type { AuditEntry } from '../telemetry/audit.ts';
import { shortId } from './content.ts';
import { revokedAfter } from './revoked-keys.ts';

/** The document that every host reads. */
export interface ActiveDeployment {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /** The subject who activated it. */
  readonly by: string;
  /** Those that were active before, the last one first; what a rollback leaves is no longer among them. */
  readonly previous: readonly string[];
  /** Public keys that this deployment, or one that was active earlier, revokes: no later one may trust them. */
  readonly revoked?: readonly string[];
  /** The audit entry of this activation, until it is in the audit log. */
  readonly unaudited?: AuditEntry;
}

export interface Activation extends Pick<ActiveDeployment, 'id' | 'at' | 'by' | 'unaudited'> {
  /** The active deployment that the caller saw; undefined if there was none. */
  readonly seen: string | undefined;
  /** Of packages, in the deployment that becomes active. */
  readonly keys: readonly TrustedKey[];
}

const KIND = 'active-deployment';
const KEY = 'root';
const MAX_PREVIOUS = 50;

type Stored = ActiveDeployment & JsonObject;

/** Resolves to undefined if nothing is deployed. */
export function readActive(records: Records): Promise<ActiveDeployment | undefined> {
  return records.get<Stored>(KIND, KEY);
}

/**
 * Compares and swaps. Rejects with `deployment_conflict` if another deployment is active than the caller saw, and with
 * `key_revoked` if the next one trusts a key that was revoked.
 */
export async function activate(records: Records, activation: Activation): Promise<void> {
  await records.update<Stored>(KIND, KEY, (current) => activated(current, activation) as Stored);
}

/** Notes that the entry with this id is in the audit log. */
export async function markAudited(records: Records, entry: string): Promise<void> {
  await records.update<Stored>(KIND, KEY, (current) => {
    if (current?.unaudited?.id !== entry) return current;
    const { unaudited: _written, ...rest } = current;
    return rest;
  });
}

/** Returns the record after an activation; the same object if the deployment is active already. */
export function activated(
  current: ActiveDeployment | undefined,
  { seen, keys, ...activation }: Activation,
): ActiveDeployment {
  if (current?.id !== seen) throw conflict(current);
  const next = { ...activation, revoked: revokedAfter(current?.revoked, keys) };
  if (current === undefined) return { ...next, previous: [] };
  if (current.id === next.id) return current;
  const [last, ...earlier] = current.previous;
  const isReturn = last === next.id;
  const previous = isReturn ? earlier : [current.id, ...current.previous].slice(0, MAX_PREVIOUS);
  return { ...next, previous };
}

/** Returns the deployment that was active before the present one. Throws `deployment_conflict` if there is none. */
export function beforeActive({ previous, id }: ActiveDeployment): string {
  const [last] = previous;
  if (last !== undefined) return last;
  throw new SkillosError(
    'deployment_conflict',
    `No deployment was active before "${shortId(id)}", so there is none to go back to`,
    { hint: 'skillos deployments list' },
  );
}

function conflict(current: ActiveDeployment | undefined): SkillosError {
  const now =
    current === undefined ? 'none is active' : `"${shortId(current.id)}" of ${current.by} is active`;
  return new SkillosError(
    'deployment_conflict',
    `Another deployment was activated meanwhile: now ${now}; nothing was activated`,
    { hint: 'See what it changed, then repeat the command: skillos deployments list' },
  );
}
