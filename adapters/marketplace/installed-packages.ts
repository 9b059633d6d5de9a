/** Tells code of packages from the operator's own, and verifies it before it is frozen. */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SkillosError } from '../../core/errors/errors.ts';
import { KEYRING_FILE, distrustOf } from '../../core/marketplace/keyring.ts';
import type { SkillPackage } from '../../core/marketplace/package.ts';
import { LOCK_FILE } from '../../core/marketplace/package-lock.ts';
import type { PackageLock } from '../../core/marketplace/package-lock.ts';
import type { SkillEntry } from '../../core/skills/catalog.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { openTextFile, readTextFile } from '../files/text-file.ts';
import type { TextRead } from '../files/text-file.ts';
import { verifySignature } from './ed25519.ts';
import {
  MAX_LOCK_BYTES,
  changedFiles,
  documentPath,
  keyringOf,
  lockOf,
  packageOf,
  tampered,
} from './package-files.ts';

export interface InstalledPackages {
  /** True if the lock holds the skill, or its manifest says so. Throws `lock_invalid`. */
  isPackage(entry: SkillEntry): boolean;
  /** Throws `package_tampered` unless lock, files, manifest and signature agree, or `key_revoked`. */
  verify(entry: SkillEntry): SkillPackage;
  /** Paths below the root of all that `verify` reads for the package. */
  filesOf(entry: SkillEntry): readonly string[];
  /** The package that a file, by its path below the root, belongs to. */
  ownerOf(file: string): SkillId | undefined;
  /** Throws `code_invalid` for a file, by its path below the root, of a package: a local skill may not import it. */
  refuseOwned(file: string): void;
}

/** Reads the lock again only when it has changed, because every run of every skill asks. */
export function openInstalledPackages(root: string, production: boolean): InstalledPackages {
  const readText = openTextFile(path.join(root, LOCK_FILE), MAX_LOCK_BYTES);
  let last: { readonly text: TextRead; readonly lock: PackageLock } | undefined;
  const lock = () => {
    const text = readText();
    if (last?.text !== text) last = { text, lock: lockOf(text) };
    return last.lock;
  };
  const ownerOf = (file: string) => [...lock()].find(([, { files }]) => Object.hasOwn(files, file))?.[0];
  return {
    isPackage: ({ id, manifest }) => manifest.package !== undefined || lock().has(id),
    verify: (entry) => verify(root, lock(), { entry, production }),
    filesOf: ({ id }) => [
      LOCK_FILE,
      KEYRING_FILE,
      documentPath(id),
      ...Object.keys(lock().get(id)?.files ?? {}),
    ],
    ownerOf,
    refuseOwned(file) {
      const owner = ownerOf(file);
      if (owner === undefined) return;
      throw new SkillosError(
        'code_invalid',
        `Import of "${file}": it belongs to the package "${owner}", whose code runs under its own id alone`,
      );
    },
  };
}

function verify(
  root: string,
  lock: PackageLock,
  { entry: { id, manifest }, production }: { readonly entry: SkillEntry; readonly production: boolean },
): SkillPackage {
  const entry = lock.get(id);
  if (entry === undefined) {
    throw tampered(id, `its manifest says that it is of a package, and "${LOCK_FILE}" does not hold it`);
  }
  const [changed] = changedFiles(root, entry);
  if (changed !== undefined) throw tampered(id, `"${changed}" was changed or removed`);
  const found = packageOf(root, id, entry);
  const signed = { ...found.skill, package: `${id}@${found.version}` };
  if (!isDeepStrictEqual(manifest, signed)) throw tampered(id, 'its manifest is not the one that was signed');
  const keyring = keyringOf(readTextFile(path.join(root, KEYRING_FILE), MAX_LOCK_BYTES));
  const distrust = distrustOf(found, { keyring, verify: verifySignature, production });
  if (distrust === undefined) return found;
  if (distrust.reason !== 'key_revoked') throw tampered(id, distrust.message);
  throw new SkillosError('key_revoked', `Package "${id}" does not run: ${distrust.message}`);
}
