/** Adds the request of a run to its session, and freezes what the run sees of it. */
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Caller } from '../../core/rights/caller.ts';
import { isOwn } from '../../core/rights/operations.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { sessionRecords } from '../../core/sessions/session-records.ts';
import {
  messageText,
  newSession,
  openRunsOf,
  seenBy,
  withEnds,
  withTurn,
} from '../../core/sessions/session.ts';
import type { RunSession, Session, TurnEnd } from '../../core/sessions/session.ts';
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

/** A run without a record has not begun. */
async function endsOf(
  { records, values }: TurnPorts,
  session: Session | undefined,
): Promise<ReadonlyMap<string, TurnEnd>> {
  const ends = new Map<string, TurnEnd>();
  for (const runId of session === undefined ? [] : openRunsOf(session)) {
    const run = await runRecords(records).get(runId);
    if (run?.endedAt === undefined) continue;
    const answer = run.status === 'success' && run.output ? await values.uncarry(run.output) : undefined;
    ends.set(runId, {
      at: run.endedAt,
      ...(answer === undefined ? {} : { answer: messageText(answer) }),
    });
  }
  return ends;
}
