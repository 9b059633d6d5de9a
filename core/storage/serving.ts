/** What is known of the processes that use a storage for longer than one command. */
import { SkillosError } from '../errors/errors.ts';

export type ServingRole = 'worker' | 'server' | 'storage gc' | 'migration';

export interface ServingProcess {
  readonly role: ServingRole;
  readonly host: string;
  readonly pid: number;
}

/** Kind of their records; they belong to the storage that they are in, and are not copied to another. */
export const SERVING_KIND = 'processes';

/** Throws `storage_in_use` if one of the processes has one of the roles. */
export function refuseWhileServing(
  processes: readonly ServingProcess[],
  roles: readonly ServingRole[] = ['worker', 'server', 'storage gc', 'migration'],
): void {
  const found = processes.find(({ role }) => roles.includes(role));
  if (found === undefined) return;
  const { role, pid, host } = found;
  throw new SkillosError('storage_in_use', `A ${role} uses the storage: process ${pid} on host "${host}"`);
}
