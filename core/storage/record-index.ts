/** The fields by which a store finds documents and log entries without reading all of them. */
import type { JsonObject, JsonValue } from '../json.ts';

export interface RecordIndex {
  /** Path in the document by name of the field; each value is a string. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** A document with this member is settled: it rarely changes again, and such a change costs more. Absent if none ever is. */
  readonly settledBy?: string;
}

/** Accepted values of each field. */
export type Where = Readonly<Record<string, readonly string[]>>;

/**
 * By kind. A change of the fields requires a migration of Postgres.
 */
export const RECORD_INDEXES: Readonly<Record<string, RecordIndex>> = {
  runs: {
    fields: {
      tenant: ['tenant'],
      status: ['status'],
      skill: ['skill'],
      subject: ['principal', 'subject'],
      queue: ['queue'],
      schedule: ['schedule'],
    },
    settledBy: 'endedAt',
  },
  sessions: { fields: { tenant: ['tenant'], subject: ['principal', 'subject'] } },
};

/** The fields by which entries of audit logs are found, the most selective first. */
export const AUDIT_FIELDS: RecordIndex['fields'] = {
  run: ['run'],
  skill: ['skill'],
  subject: ['actor', 'subject'],
  action: ['action'],
};

/** Returns the values of the fields in order; an empty string for a missing value. */
export function indexedValues({ fields }: RecordIndex, document: JsonObject): readonly string[] {
  return Object.values(fields).map((path) => valueAt(document, path));
}

export function isSettled({ settledBy }: RecordIndex, document: JsonObject): boolean {
  return settledBy !== undefined && document[settledBy] !== undefined;
}

export function matchesWhere(
  { fields }: Pick<RecordIndex, 'fields'>,
  document: JsonObject,
  where: Where,
): boolean {
  return Object.entries(where).every(([name, values]) =>
    values.includes(valueAt(document, fields[name] ?? [])),
  );
}

function valueAt(document: JsonObject, path: readonly string[]): string {
  let value: JsonValue | undefined = document;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
    value = (value as JsonObject)[part];
  }
  return typeof value === 'string' ? value : '';
}
