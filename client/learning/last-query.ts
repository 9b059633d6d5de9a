/** Remembers the last routed query of each caller for an hour, for feedback that names none. */
import { sha256 } from '../../core/values/digest.ts';
import type { Caller } from '../../core/rights/caller.ts';
import type { Records } from '../../core/storage/records.ts';
import type { SkillId } from '../../core/values/skill-id.ts';

interface RoutedQuery {
  readonly query: string;
  readonly skill: SkillId;
}

/** `at` is in Unix milliseconds. */
export type LastQuery = { readonly [Name in keyof RoutedQuery]: RoutedQuery[Name] } & { readonly at: number };

export const LAST_QUERY_KIND = 'last-query';
const MAX_AGE_MS = 3_600_000;

export interface LastQueries {
  /** Durable when it resolves; does nothing for a query that this process has just remembered. */
  readonly remember: (caller: Caller, answer: RoutedQuery) => Promise<void>;
  /** Returns undefined if the caller has routed nothing within the last hour. */
  readonly find: (caller: Caller) => Promise<RoutedQuery | undefined>;
}

/** Callers whose last write this process knows. */
const MAX_KNOWN = 1000;

export function lastQueries(records: Records, now: () => number): LastQueries {
  const written = new Map<string, LastQuery>();
  return {
    async remember(caller, { query, skill }) {
      const key = keyOf(caller);
      const at = now();
      const known = written.get(key);
      if (known?.query === query && known.skill === skill && at - known.at < MAX_AGE_MS / 60) return;
      if (written.size >= MAX_KNOWN) written.clear();
      written.set(key, { query, skill, at });
      await records.update(LAST_QUERY_KIND, key, () => ({ query, skill, at }));
    },
    async find(caller) {
      const last = await records.get<LastQuery>(LAST_QUERY_KIND, keyOf(caller));
      return last !== undefined && !isForgotten(last, now()) ? last : undefined;
    },
  };
}

export function isForgotten({ at }: LastQuery, now: number): boolean {
  return now - at >= MAX_AGE_MS;
}

function keyOf({ tenant, principal }: Caller): string {
  const { via, subject } = principal;
  return sha256(JSON.stringify([tenant, via, subject])).slice(0, 40);
}
