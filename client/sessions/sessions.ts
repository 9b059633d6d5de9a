/** Makes, finds, lists and removes sessions. Needs no Temporal. */
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { sessionRecords } from '../../core/sessions/session-records.ts';
import { SESSION_ID, newSession } from '../../core/sessions/session.ts';
import type { Session } from '../../core/sessions/session.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import { withAnswers } from './turns.ts';

type SessionPorts = Pick<ClientPorts, 'records' | 'values' | 'journal' | 'now'>;

/** Makes a session of the caller under a random id. */
export async function createSession(
  { records, now }: Pick<SessionPorts, 'records' | 'now'>,
  rights: Rights,
  context?: JsonObject,
): Promise<Session> {
  const session = newSession(rights, { id: crypto.randomUUID(), at: isoTime(now()), context });
  await sessionRecords(records).update(session, () => session);
  return session;
}

/** Resolves to a session that the caller may read: its own, and with `runs:read` any. Rejects with `session_not_found` for all others. */
export async function openSession(ports: SessionPorts, rights: Rights, id: string): Promise<Session> {
  return withAnswers(ports, await findSession(ports, rights, id));
}

/** The caller needs no permission to remove its own. Rejects as `openSession` and `authorize` do. */
export async function removeSession(ports: SessionPorts, actor: Actor, id: string): Promise<void> {
  const session = await findSession(ports, actor.rights, id);
  await authorize(ports, actor, { operation: 'runs:operate', resource: session });
  await sessionRecords(ports.records).update(session, () => undefined);
  await recordAudit(ports, actor, { action: 'session_removed', before: { session: id } });
}

/** Sessions are large, and somebody may read few of those of the tenant. */
const PAGE = 100;
const MAX_PAGES = 20;

export interface SessionPage {
  readonly items: readonly Session[];
  /** `after` of the next page; absent on the last one. */
  readonly next?: string;
}

/**
 * Lists the sessions that the caller may read, by id. Looks at 2,000 of the tenant at most, so that a page with a `next` may have
 * fewer than `limit`, or none.
 */
export async function listSessions(
  { records }: Pick<SessionPorts, 'records'>,
  rights: Rights,
  { limit, after = '' }: { readonly limit: number; readonly after?: string | undefined },
): Promise<SessionPage> {
  const items: Session[] = [];
  let last = after;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await sessionRecords(records).page({ tenant: rights.tenant, limit: PAGE, after: last });
    for (const session of page) {
      if (mayOperate(rights, 'runs:read', session).isAllowed) {
        if (items.length === limit) return { items, next: last };
        items.push(session);
      }
      last = session.id;
    }
    if (page.length < PAGE) return { items };
  }
  return { items, next: last };
}

async function findSession(
  { records }: Pick<SessionPorts, 'records'>,
  rights: Rights,
  id: string,
): Promise<Session> {
  const session = SESSION_ID.test(id)
    ? await sessionRecords(records).get({ tenant: rights.tenant, id })
    : undefined;
  if (session !== undefined && mayOperate(rights, 'runs:read', session).isAllowed) return session;
  throw new SkillosError('session_not_found', `Unknown session ${JSON.stringify(id.slice(0, 80))}`, {
    hint: 'skillos sessions list',
  });
}
