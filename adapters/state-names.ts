/** The names that `Records` and `Journal` take, by every backend alike. */
import { SkillosError } from '../core/errors.ts';

const KIND = /^[a-z][a-z0-9-]{0,39}$/;
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
const MAX_PARTS = 8;

/** Throws `internal`, because names are made by code and never typed. */
export function checkKind(kind: string): void {
  if (!KIND.test(kind)) throw invalidName('kind of a record', kind, KIND.source);
}

export function checkRecordName(kind: string, key: string): void {
  checkKind(kind);
  if (!isKey(key)) throw invalidName('key of a record', key, KEY.source);
}

export function isKey(text: string): boolean {
  return KEY.test(text);
}

/** The parts of a log's name. */
export function partsOfLog(log: string): readonly string[] {
  const parts = log.split('/');
  if (parts.length <= MAX_PARTS && parts.every(isKey)) return parts;
  throw invalidName('name of a log', log, `${KEY.source} joined by "/"`);
}

function invalidName(what: string, name: string, expected: string): SkillosError {
  return new SkillosError(
    'internal',
    `Invalid ${what} ${JSON.stringify(name.slice(0, 200))}: expected ${expected}`,
  );
}
