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

/** Sessions are large, so that no more are read at once than a page may hold. */
const MAX_READ = 1000;

export interface SessionPage {
  readonly items: readonly Session[];
  /** `after` of the next page: the id of the last item. Absent on the last page. */
  readonly next?: string;
}

/**
 * Lists the sessions that the caller may read, by id. A local user and the subject of a token may have the same name, so the store
 * may return some that are not the caller's.
 */
export async function listSessions(
  { records }: Pick<SessionPorts, 'records'>,
  rights: Rights,
  { limit, after = '' }: { readonly limit: number; readonly after?: string | undefined },
): Promise<SessionPage> {
  const { tenant, principal } = rights;
  const isOwnOnly = !mayOperate(rights, 'runs:read').isAllowed;
  const items: Session[] = [];
  let last = after;
  for (let size = limit + 1; ; size = MAX_READ) {
    const query = { tenant, ...(isOwnOnly && { subject: principal.subject }), limit: size, after: last };
    const read = await sessionRecords(records).page(query);
    items.push(...read.filter((session) => mayOperate(rights, 'runs:read', session).isAllowed));
    if (items.length > limit) return { items: items.slice(0, limit), next: (items[limit - 1] as Session).id };
    if (read.length < size) return { items };
    last = (read.at(-1) as Session).id;
  }
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
