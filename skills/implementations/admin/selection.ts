/** Which records a request means, by named fields or plain words. */
import { PermanentError } from 'skillos';
import { dateIn } from '../language/dates.ts';
import { mentions } from '../language/words.ts';
import type { StoredRecord } from './record_store.ts';

export interface Wanted {
  readonly query?: string;
  readonly ids?: readonly string[];
  readonly kind?: string;
  readonly created_before?: string;
  readonly expired?: boolean;
  readonly all?: boolean;
}

export interface Selection {
  /** In words, for the result and the log. */
  readonly says: string;
  has(record: StoredRecord): boolean;
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  invoice: ['invoice', 'invoices', 'счет', 'счета', 'счетов', 'рахунк~', 'рахунок', 'rechnung', 'rechnungen'],
  contract: ['contract', 'contracts', 'договор~', 'контракт~', 'договір', 'vertrag', 'verträge'],
  log: ['log', 'logs', 'журнал~', 'лог~', 'protokoll~'],
  application: ['application', 'applications', 'заявк~', 'заявок', 'bewerbung', 'bewerbungen'],
  survey: ['survey', 'surveys', 'опрос~', 'опитуван~', 'umfrage', 'umfragen'],
};
const ALL = ['all', 'every', 'everything', 'все', 'всех', 'всі', 'усі', 'alle', 'allen', 'sämtliche'];
const EXPIRED = [
  'expired',
  'outdated',
  'просрочен~',
  'просроченные',
  'истекш~',
  'прострочен~',
  'abgelaufen~',
  'abgelaufene',
];
const BEFORE =
  /\b(?:before|older than|vor|älter als)\b|(?<!\p{L})(?:до|старше|раньше|старіші за|раніше)(?!\p{L})/iu;

/** Named conditions hold together; `undefined` where the request names none. */
export function selectionOf(wanted: Wanted, today: string): Selection | undefined {
  const conditions = conditionsOf({ ...spoken(wanted.query ?? '', today), ...wanted }, today);
  if (conditions.length === 0) return undefined;
  return {
    says: conditions.map(({ says }) => says).join(', '),
    has: (record) => conditions.every((condition) => condition.has(record)),
  };
}

export function expiredOn(today: string): Selection {
  return { says: `expired on ${today}`, has: (record) => record.keep_until < today };
}

function conditionsOf(
  { ids, kind, created_before: before, expired, all }: Wanted,
  today: string,
): readonly Selection[] {
  if (before !== undefined && before > today) {
    throw new PermanentError(`Expected a date up to today, ${today}, got "${before}"`);
  }
  const narrow: readonly (Selection | false | undefined)[] = [
    ids && { says: ids.join(' '), has: (record) => ids.includes(record.id) },
    kind !== undefined && { says: `kind ${kind}`, has: (record) => record.kind === kind },
    before !== undefined && { says: `created before ${before}`, has: (record) => record.created_on < before },
    expired === true && expiredOn(today),
  ];
  const conditions = narrow.filter((condition) => condition !== false && condition !== undefined);
  return conditions.length === 0 && all === true ? [{ says: 'all', has: () => true }] : conditions;
}

function spoken(query: string, today: string): Wanted {
  const ids = query.match(/\br-\d+\b/gi)?.map((id) => id.toLowerCase());
  const kind = Object.entries(KINDS).find(([, names]) => mentions(query, names))?.[0];
  const before = BEFORE.test(query) ? dateIn(query, today) : undefined;
  if (BEFORE.test(query) && before === undefined) {
    throw new PermanentError(`Expected a date after "${BEFORE.exec(query)?.[0] ?? ''}", such as 2025-01-31`);
  }
  return {
    ...(ids && { ids }),
    ...(kind !== undefined && { kind }),
    ...(before !== undefined && { created_before: before }),
    expired: mentions(query, EXPIRED),
    all: mentions(query, ALL),
  };
}
