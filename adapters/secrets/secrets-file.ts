/** Reads and changes `secrets/.env` in the skills root, whose mode is 0600. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { SECRETS_FILE, withSecret } from '../../core/connectors/secrets-file.ts';
import type { SecretEntry } from '../../core/connectors/secrets-file.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { makeDir, writeAtomic } from '../files/files.ts';
import { withLock } from '../files/lock.ts';
import { openTextFile, readTextFile } from '../files/text-file.ts';
import type { TextRead } from '../files/text-file.ts';

const MAX_BYTES = 1024 * 1024;
const OTHERS = 0o077;

/** The function returned reads the file if it has changed. */
export function openSecretsFile(root: string): () => TextRead {
  return openTextFile(path.join(root, SECRETS_FILE), MAX_BYTES);
}

function readSecretsFile(root: string): TextRead {
  return readTextFile(path.join(root, SECRETS_FILE), MAX_BYTES);
}

/** True if users other than the owner may read or change the file. */
export function isOpenToOthers(root: string): boolean {
  const mode = statSync(path.join(root, SECRETS_FILE), { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & OTHERS) !== 0;
}

/** Describes why the file is not as it should be. */
export function secretsFileProblem(root: string): string | undefined {
  const text = readSecretsFile(root);
  if (typeof text === 'object')
    return text.problem === undefined ? undefined : `${SECRETS_FILE} ${text.problem}`;
  return isOpenToOthers(root) ? `${SECRETS_FILE} is open to other users: expected mode 0600` : undefined;
}

/** Returns the names of all entries, sorted. */
export function secretNamesIn(root: string): readonly string[] {
  return Object.keys(parseEnv(textOf(root))).sort();
}

/** Sets entries; the file and its folder get modes 0600 and 0700 if they are new. Changes nothing if one cannot be stored. */
export async function setSecrets(root: string, entries: readonly SecretEntry[]): Promise<void> {
  const file = path.join(root, SECRETS_FILE);
  await makeDir(path.dirname(file));
  await withLock(`${file}.lock`, async () => {
    const next = entries.reduce((text, entry) => withSecret(text, entry, parseEnv), textOf(root));
    await writeAtomic(file, next, { mode: 0o600 });
  });
}

function textOf(root: string): string {
  const text = readSecretsFile(root);
  if (typeof text === 'string') return text;
  if (text.problem === undefined) return '';
  throw new SkillosError('input_unreadable', `${SECRETS_FILE} ${text.problem}`);
}
