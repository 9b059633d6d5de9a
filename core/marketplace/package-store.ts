/** The port for the packages of one root. */
import type { SkillId } from '../values/skill-id.ts';
import type { Keyring } from './keyring.ts';
import type { SkillPackage } from './package.ts';
import type { LockEntry, PackageLock } from './package-lock.ts';

interface PackageFinding {
  readonly id: SkillId;
  /** Such as `implementations/community/hello.ts was changed`. */
  readonly message: string;
}

export interface PackageChange {
  readonly write: readonly SkillPackage[];
  readonly remove: readonly SkillId[];
  /** As it is afterwards. */
  readonly lock: PackageLock;
}

export interface PackageStore {
  /** One change at a time; completes a change that was interrupted first. Rejects with `lock_timeout`. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Throws `lock_invalid`. */
  lock(): PackageLock;
  /** The package of the lock as it was signed. Throws `package_tampered` if it is another. */
  packageOf(id: SkillId, entry: LockEntry): SkillPackage;
  /** Files of packages that differ from the lock. */
  findings(lock: PackageLock): readonly PackageFinding[];
  entryOf(found: SkillPackage, given: Pick<LockEntry, 'source' | 'explicit'>): LockEntry;
  /** Rejects with `already_exists` if the package would take the place of a file that is not its own. */
  refuseTaken(found: SkillPackage, entry: LockEntry | undefined): Promise<void>;
  /** Writes and removes everything, or nothing if it rejects or the process dies before it has begun. */
  apply(change: PackageChange): Promise<void>;
  /** Throws `keyring_invalid`; an absent file holds no key. */
  keyring(): Keyring;
  saveKeyring(keyring: Keyring): Promise<void>;
}
