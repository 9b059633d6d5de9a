/** `Journal` in memory, for one process; positions are counts of entries. */
import type { Journal } from '../../core/storage/journal.ts';
import { AUDIT_FIELDS, matchesWhere } from '../../core/storage/record-index.ts';
import type { JsonObject } from '../../core/json.ts';

export function memoryJournal(): Journal {
  const logs = new Map<string, readonly JsonObject[]>();
  const entriesOf = (log: string): readonly JsonObject[] => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,199}){0,7}$/.test(log)) {
      throw new Error(`Invalid log "${log}"`);
    }
    return logs.get(log) ?? [];
  };
  return {
    append: async (log, entries) => {
      logs.set(log, [...entriesOf(log), ...entries.map((entry) => structuredClone(entry))]);
    },
    read: async (log, after = 0) => {
      const entries = entriesOf(log).slice(after);
      return { entries, next: after + entries.length };
    },
    async *readBack(log, { where = {} } = {}) {
      yield entriesOf(log)
        .toReversed()
        .filter((entry) => matchesWhere({ fields: AUDIT_FIELDS }, entry, where));
    },
  };
}
