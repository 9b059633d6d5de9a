/** Removes records that have expired by themselves. */
import { IDEMPOTENCY_KIND, isExpired } from '../../core/runs/idempotency.ts';
import type { KeyClaim } from '../../core/runs/idempotency.ts';
import { SESSIONS_KIND } from '../../core/sessions/session-records.ts';
import type { Session } from '../../core/sessions/session.ts';
import type { JsonObject } from '../../core/json.ts';
import { pagesOf } from '../../core/storage/record-pages.ts';
import type { RecordRemoval, Records } from '../../core/storage/records.ts';
import { isForgotten, LAST_QUERY_KIND } from '../learning/last-query.ts';
import type { LastQuery } from '../learning/last-query.ts';
import { RATE_WINDOWS_KIND } from '../webhooks/recorded-limiter.ts';
import type { StoredWindow } from '../webhooks/recorded-limiter.ts';

/** Another host, whose clock is behind, may still need a record that has expired here. */
const CLOCK_SLACK_MS = 24 * 60 * 60 * 1000;

interface Limits {
  /** Unix milliseconds. */
  readonly now: number;
  /** The end of the retention of sessions; ISO 8601. */
  readonly since: string;
}

/** Whether a record of the kind has expired. */
const EXPIRED: Readonly<Record<string, (document: JsonObject, limits: Limits) => boolean>> = {
  [IDEMPOTENCY_KIND]: (document, { now }) => isExpired(document as KeyClaim, now),
  [RATE_WINDOWS_KIND]: (document, { now }) => (document as StoredWindow).endsAt <= now,
  [LAST_QUERY_KIND]: (document, { now }) => isForgotten(document as LastQuery, now),
  [SESSIONS_KIND]: (document, { since }) => (document as JsonObject & Session).updatedAt < since,
};

/** Sessions are larger than other records. */
const PAGES: Readonly<Record<string, number>> = { [SESSIONS_KIND]: 100 };

/** Removes what expired more than a day ago, and sessions without a request since the end of the retention. Resolves to the number of records. */
export async function removeExpired(
  records: Records & RecordRemoval,
  { now, since, isDryRun }: Limits & { readonly isDryRun: boolean },
): Promise<number> {
  let count = 0;
  const limits = { now: now - CLOCK_SLACK_MS, since };
  for (const [kind, hasExpired] of Object.entries(EXPIRED)) {
    const limit = PAGES[kind];
    for await (const page of pagesOf(records, kind, limit === undefined ? {} : { limit })) {
      const expired = page.filter(({ value }) => hasExpired(value, limits));
      if (isDryRun) count += expired.length;
      else if (expired.length > 0) count += (await records.removeUnchanged(kind, expired)).length;
    }
  }
  return count;
}
