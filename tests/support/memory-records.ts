/** `Records` in memory, for one process. */
import type { JsonObject } from '../../core/json.ts';
import { checkWhere } from '../../adapters/storage/state-names.ts';
import { RECORD_INDEXES, matchesWhere } from '../../core/storage/record-index.ts';
import type { ListPage, Records, Stored } from '../../core/storage/records.ts';

export function memoryRecords(): Records {
  /** JSON texts by kind and key, so that nobody changes a stored document by its reference. */
  const kinds = new Map<string, Map<string, string>>();
  const documentsOf = (kind: string): Map<string, string> => {
    if (!/^[a-z][a-z0-9-]{0,39}$/.test(kind)) throw new Error(`Invalid kind "${kind}"`);
    const documents = kinds.get(kind) ?? new Map<string, string>();
    kinds.set(kind, documents);
    return documents;
  };
  const read = (kind: string, key: string): JsonObject | undefined => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(key)) throw new Error(`Invalid key "${key}"`);
    const text = documentsOf(kind).get(key);
    return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
  };
  return {
    get: async <T extends JsonObject>(kind: string, key: string) => read(kind, key) as T | undefined,
    update: async <T extends JsonObject>(
      kind: string,
      key: string,
      change: (current: T | undefined) => T | undefined,
    ) => {
      const current = read(kind, key) as T | undefined;
      const next = change(current);
      if (next === current) return current;
      if (next === undefined) documentsOf(kind).delete(key);
      else documentsOf(kind).set(key, JSON.stringify(next));
      return next;
    },
    list: async <T extends JsonObject>(kind: string, page: ListPage = {}) => {
      const { after, limit = 100, descending = false, where = {} } = page;
      checkWhere(kind, page);
      const index = RECORD_INDEXES[kind];
      const keys = [...documentsOf(kind).keys()].sort();
      return (descending ? keys.reverse() : keys)
        .filter((key) => after === undefined || (descending ? key < after : key > after))
        .map((key) => ({ key, value: read(kind, key) }) as Stored<T>)
        .filter(({ value }) => index === undefined || matchesWhere(index, value, where))
        .slice(0, limit);
    },
  };
}
