/** What is known of the processes that use a storage for longer than one command. */
import { SkillosError } from '../errors/errors.ts';

export type ServingRole = 'worker' | 'server' | 'storage gc' | 'migration';

/** What a worker or a server runs. */
export type ServedRoot = 'deployment' | 'folder';

export interface ServingProcess {
  readonly role: ServingRole;
  /** Absent for other roles, and for processes of earlier releases. */
  readonly serves?: ServedRoot;
  readonly host: string;
  readonly pid: number;
}

/** Kinds of their records; they belong to the storage that they are in, and are not copied to another. */
export const SERVING_KIND = 'processes';
/** Of migrations alone: every command that changes something reads them. */
export const MIGRATING_KIND = 'migrating';

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

/** Throws `deployments_differ` if one of the processes serves something else. */
export function refuseOtherRoot(processes: readonly ServingProcess[], serves: ServedRoot): void {
  const found = processes.find((each) => each.serves !== undefined && each.serves !== serves);
  if (found === undefined) return;
  const { role, pid, host } = found;
  throw new SkillosError(
    'deployments_differ',
    `This process runs ${ROOT_TEXTS[serves]}, and a ${role} of the same storage ${ROOT_TEXTS[serves === 'folder' ? 'deployment' : 'folder']}: ` +
      `process ${pid} on host "${host}"`,
  );
}

const ROOT_TEXTS = { deployment: 'what was deployed', folder: 'the files of its folder' } as const;
