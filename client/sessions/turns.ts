/** Adds the request of a run to its session, and freezes what the run sees of it. */
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Caller } from '../../core/rights/caller.ts';
import { isOwn } from '../../core/rights/operations.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { sessionRecords } from '../../core/sessions/session-records.ts';
import {
  messageText,
  newSession,
  openRunsOf,
  seenBy,
  withEnds,
  withTurn,
  withoutTurn,
} from '../../core/sessions/session.ts';
import type { RunSession, Session, TurnEnd } from '../../core/sessions/session.ts';
import { storedBytes } from '../../core/values/carried.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import type { ClientPorts } from '../ports.ts';

type TurnPorts = Pick<ClientPorts, 'records' | 'values' | 'now'>;

interface TurnRequest {
  readonly caller: Caller;
  readonly id: string;
  readonly keepLast: number;
  readonly runId: string;
  readonly content: JsonValue;
}

/** Makes the session if there is none. Rejects with `session_forbidden` if it belongs to another caller. */
export async function takeTurn(ports: TurnPorts, request: TurnRequest): Promise<RunSession> {
  const { caller, id, keepLast, runId, content } = request;
  const sessions = sessionRecords(ports.records);
  const name = { tenant: caller.tenant, id };
  const at = isoTime(ports.now());
  const ends = await endsOf(ports, await sessions.get(name));
  const turn = { runId, content: messageText(content), at, keepLast };
  const session = (await sessions.update(name, (current) => {
    refuseOther(current, caller);
    return withTurn(withEnds(current ?? newSession(caller, { id, at }), ends), turn);
  })) as Session; // returned by `change`
  return { id, seen: await ports.values.carry(seenBy(session, runId)) };
}

/** Removes the request of a run that was not started. */
export async function dropTurn(
  { records }: Pick<TurnPorts, 'records'>,
  { tenant, id, runId }: Pick<Session, 'tenant' | 'id'> & { readonly runId: string },
): Promise<void> {
  await sessionRecords(records).update({ tenant, id }, (current) => current && withoutTurn(current, runId));
}

/** Rejects with `session_forbidden` if the session belongs to another caller of the tenant. */
export async function checkSession(
  { records }: Pick<ClientPorts, 'records'>,
  caller: Caller,
  id: string,
): Promise<void> {
  refuseOther(await sessionRecords(records).get({ tenant: caller.tenant, id }), caller);
}

/** The session with the answers of the runs that have ended since it was written. */
export async function withAnswers(ports: TurnPorts, session: Session): Promise<Session> {
  return withEnds(session, await endsOf(ports, session));
}

function refuseOther(session: Session | undefined, caller: Caller): void {
  if (session === undefined || isOwn(caller, session)) return;
  throw new SkillosError(
    'session_forbidden',
    `Session ${JSON.stringify(session.id)} belongs to another caller`,
  );
}

async function endsOf(ports: TurnPorts, session: Session | undefined): Promise<ReadonlyMap<string, TurnEnd>> {
  const ends = new Map<string, TurnEnd>();
  for (const runId of session === undefined ? [] : openRunsOf(session)) {
    const end = await endOf(ports, runId);
    if (end !== undefined) ends.set(runId, end);
  }
  return ends;
}

/** A session must stay usable, whatever one of its runs has left. */
const UNREADABLE = ['state_corrupt', 'blob_unavailable', 'payload_too_large'] as const;

/** A run without a record has not begun; one whose record or output cannot be read has no answer. */
async function endOf(ports: TurnPorts, runId: string): Promise<TurnEnd | undefined> {
  try {
    const run = await runRecords(ports.records).get(runId);
    if (run?.endedAt === undefined) return undefined;
    const answer = await answerOf(ports, run);
    return { at: run.endedAt, ...(answer === undefined ? {} : { answer }) };
  } catch (error) {
    if (!UNREADABLE.some((code) => isSkillosError(error, code))) throw error;
    return { at: isoTime(ports.now()) };
  }
}

/** A larger output is not loaded for the few characters of a message. */
const MAX_ANSWER_BYTES = 64 * 1024;

async function answerOf(
  { values }: Pick<TurnPorts, 'values'>,
  { status, output }: RunRecord,
): Promise<string | undefined> {
  if (status !== 'success' || output === undefined) return undefined;
  const bytes = storedBytes(output);
  return bytes > MAX_ANSWER_BYTES ? `(output of ${bytes} bytes)` : messageText(await values.uncarry(output));
}
