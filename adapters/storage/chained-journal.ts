/** Signs the audit entries that this process writes. */
import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../core/json.ts';
import { chainKeyOf, headsIn, linkEntry } from '../../core/telemetry/audit-chain.ts';
import type { ChainHead, Writer } from '../../core/telemetry/audit-chain.ts';
import type { Journal } from '../../core/storage/journal.ts';
import { inBatches } from './batches.ts';

/** A writer looks at the entries of others with its first entry and then this often, so that a cut shows in later entries. */
const LOOK_EVERY_MS = 60 * 60 * 1000;
const MAX_SEEN = 20;

interface Chain extends Writer {
  /** Unix milliseconds. */
  readonly lookedAt: number;
}

export interface ChainOptions {
  readonly serverKey: () => string;
  readonly now: () => number;
}

/** The journal, whose logs below `audit/` are signed with a key that is derived from the server key. */
export function chainedJournal(journal: Journal, { serverKey, now }: ChainOptions): Journal {
  const chains = new Map<string, Chain>();
  const append = inBatches<readonly JsonObject[], void>(async (log, batches) => {
    const known = chains.get(log);
    // If the append fails, nobody knows which entries were written: the next one begins a new chain.
    chains.delete(log);
    let chain = known ?? { ...newWriter(serverKey()), lookedAt: -Infinity };
    let seen: readonly ChainHead[] = [];
    if (now() - chain.lookedAt >= LOOK_EVERY_MS) {
      seen = await headsOfOthers(journal, log, chain.id);
      chain = { ...chain, lookedAt: now() };
    }
    const linked = batches.flat().map((entry) => {
      const { head, entry: signed } = linkEntry(chain, entry, seen);
      chain = { ...chain, last: head };
      seen = [];
      return signed;
    });
    await journal.append(log, linked);
    chains.set(log, chain);
    return batches.map(() => undefined);
  });
  return {
    ...journal,
    append: async (log, entries) => {
      if (!log.startsWith('audit/')) await journal.append(log, entries);
      else if (entries.length > 0) await append(log, entries);
    },
  };
}

function newWriter(serverKey: string): Writer {
  return { id: randomBytes(8).toString('hex'), key: chainKeyOf(serverKey), last: undefined };
}

/** The last entries of other writers among the last entries of the log. */
async function headsOfOthers(journal: Journal, log: string, own: string): Promise<readonly ChainHead[]> {
  for await (const entries of journal.readBack(log, { onCorrupt: () => undefined })) {
    return headsIn(entries)
      .filter(({ writer }) => writer !== own)
      .slice(0, MAX_SEEN);
  }
  return [];
}
