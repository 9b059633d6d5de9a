/** Reads the files of installed packages and compares them with `skillos.lock`. */
import path from 'node:path';
import { lstatSync, readFileSync } from 'node:fs';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { KEYRING_FILE, readKeyring } from '../../core/marketplace/keyring.ts';
import type { Keyring } from '../../core/marketplace/keyring.ts';
import { readPackage } from '../../core/marketplace/package.ts';
import type { SkillPackage } from '../../core/marketplace/package.ts';
import { LOCK_FILE, isEntryOf, readLock } from '../../core/marketplace/package-lock.ts';
import type { LockEntry, PackageLock } from '../../core/marketplace/package-lock.ts';
import { sha256 } from '../../core/values/digest.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { readTextFile } from '../files/text-file.ts';
import type { TextRead } from '../files/text-file.ts';

/** That of a whole catalogue: a file of control characters is six times as large in JSON. */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;
export const MAX_LOCK_BYTES = 16 * 1024 * 1024;

/** Path below the root of the signed package. */
export function documentPath(id: SkillId): string {
  return `marketplace/packages/${id}.json`;
}

/** Throws `lock_invalid`; an absent file holds no package. */
export function lockOf(text: TextRead): PackageLock {
  const value = jsonOf(text, LOCK_FILE, 'lock_invalid');
  if (value === undefined) return new Map();
  const reading = readLock(value);
  if (reading.status === 'read') return reading.lock;
  throw new SkillosError('lock_invalid', `"${LOCK_FILE}" is not valid: ${reading.problem}`);
}

/** Throws `keyring_invalid`; an absent file holds no key. */
export function keyringOf(text: TextRead): Keyring {
  const value = jsonOf(text, KEYRING_FILE, 'keyring_invalid');
  if (value === undefined) return { keys: [] };
  const reading = readKeyring(value);
  if (reading.status === 'read') return reading.keyring;
  throw new SkillosError('keyring_invalid', `"${KEYRING_FILE}" is not valid: ${reading.problem}`);
}

/** The signed package. Throws `package_tampered`, with the file in its details, if it is not the one of the lock. */
export function packageOf(root: string, id: SkillId, entry: LockEntry): SkillPackage {
  const text = readTextFile(path.join(root, documentPath(id)), MAX_DOCUMENT_BYTES);
  const isSame = typeof text === 'string' && sha256(text) === entry.sha256;
  const reading = isSame ? readPackage(JSON.parse(text) as JsonValue, id) : undefined;
  if (reading?.status !== 'read' || reading.package.id !== id) {
    throw tampered(id, `"${documentPath(id)}" is not the package of "${LOCK_FILE}"`, documentPath(id));
  }
  if (isEntryOf(entry, reading.package)) return reading.package;
  throw tampered(id, `its entry in "${LOCK_FILE}" differs from the signed package`, LOCK_FILE);
}

/** Files that are missing, are no regular files, or have another content. */
export function changedFiles(root: string, { files }: LockEntry): readonly string[] {
  return Object.entries(files)
    .filter(([file, hash]) => hashOf(path.join(root, file)) !== hash)
    .map(([file]) => file);
}

export function tampered(id: SkillId, why: string, file?: string): SkillosError {
  return new SkillosError('package_tampered', `Package "${id}" does not run: ${why}`, {
    details: { package: id, ...(file === undefined ? {} : { file }) },
  });
}

function hashOf(file: string): string | undefined {
  try {
    return lstatSync(file).isFile() ? sha256(readFileSync(file)) : undefined;
  } catch {
    return undefined; // reported as changed
  }
}

function jsonOf(text: TextRead, file: string, code: 'lock_invalid' | 'keyring_invalid'): unknown {
  if (typeof text === 'object') {
    if (text.problem === undefined) return undefined;
    throw new SkillosError(code, `"${file}" ${text.problem}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SkillosError(code, `"${file}" is not JSON`);
  }
}
