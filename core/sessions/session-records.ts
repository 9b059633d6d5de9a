/** The records of sessions in the store. */
import type { JsonObject } from '../json.ts';
import type { Records } from '../storage/records.ts';
import type { Session } from './session.ts';

/** Identifies a session: the same id in another tenant is another session. */
type SessionName = Pick<Session, 'tenant' | 'id'>;

/** A typed view of `Records`. Each call rejects as the store does. */
export interface SessionRecords {
  get(name: SessionName): Promise<Session | undefined>;
  /** Updates the record like `Records.update`: `change` is pure and may be called again after a conflict. */
  update(
    name: SessionName,
    change: (current: Session | undefined) => Session | undefined,
  ): Promise<Session | undefined>;
  page(page: SessionQuery): Promise<readonly Session[]>;
}

/** At most `limit` sessions of the tenant after an id, by id. */
interface SessionQuery {
  readonly tenant: string;
  /** Only those of principals with this subject; no others are read. */
  readonly subject?: string;
  readonly limit: number;
  readonly after: string;
}

export const SESSIONS_KIND = 'sessions';

type Stored = JsonObject & Session; // plain JSON by its type

export function sessionRecords(records: Records): SessionRecords {
  return {
    get: (name) => records.get<Stored>(SESSIONS_KIND, keyOf(name)),
    update: (name, change) =>
      records.update<Stored>(SESSIONS_KIND, keyOf(name), (current) => change(current) as Stored | undefined),
    async page({ tenant, subject, limit, after }) {
      const stored = await records.list<Stored>(SESSIONS_KIND, {
        limit,
        after: keyOf({ tenant, id: after }),
        ...(subject === undefined ? {} : { where: { tenant: [tenant], subject: [subject] } }),
      });
      return stored.map(({ value }) => value).filter((session) => session.tenant === tenant);
    },
  };
}

/** Keys of one tenant follow each other, because neither part contains a dot. */
function keyOf({ tenant, id }: SessionName): string {
  return `${tenant}.${id}`;
}
