/** Checks the names of records and logs, for every backend. */
import { SkillosError } from '../../core/errors/errors.ts';
import { RECORD_INDEXES } from '../../core/storage/record-index.ts';
import type { ListPage } from '../../core/storage/records.ts';

const KIND = /^[a-z][a-z0-9-]{0,39}$/;
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
const MAX_PARTS = 8;

/** Throws `internal`, because names come from code and never from users. */
export function checkKind(kind: string): void {
  if (!isKind(kind)) throw invalidName('kind of a record', kind, KIND.source);
}

export function checkRecordName(kind: string, key: string): void {
  checkKind(kind);
  if (!isKey(key)) throw invalidName('key of a record', key, KEY.source);
}

/** Throws `internal` unless the kind has an index over the requested fields. */
export function checkWhere(kind: string, { where = {} }: ListPage): void {
  const fields = RECORD_INDEXES[kind]?.fields ?? {};
  const unknown = Object.keys(where).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined)
    throw invalidName('field of an index', unknown, Object.keys(fields).join(' or '));
}

export function isKind(text: string): boolean {
  return KIND.test(text);
}

export function isKey(text: string): boolean {
  return KEY.test(text);
}

/** Returns the parts of a log's name. */
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
