/** A session: the last messages of a caller's runs, which later runs of the session see. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Caller } from '../rights/caller.ts';
import type { RecordedPrincipal } from '../rights/principal.ts';
import type { Carried } from '../values/carried.ts';

/** Characters of a message; longer texts are cut. */
export const MAX_MESSAGE_CHARS = 4000;

export const SESSION_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;
export const SESSION_ID_RULE = 'a-z 0-9 _ and -, at most 63, beginning with a letter or digit';

/** A request of the caller, or the output of its run. */
type SessionMessage = {
  readonly role: 'user' | 'assistant';
  /** Values other than text are JSON. */
  readonly content: string;
  /** When the run was requested or ended; ISO 8601. */
  readonly at: string;
};

/** A message in the record. */
export type StoredMessage = SessionMessage & {
  readonly runId: string;
  /** The run had not ended when the session was last written. */
  readonly isOpen?: true;
};

/** The record of a session. Times are ISO 8601. */
export interface Session {
  readonly id: string;
  readonly tenant: string;
  /** Its owner. */
  readonly principal: RecordedPrincipal;
  /** What the owner gave when it made the session. */
  readonly context?: JsonObject;
  /** Oldest first. */
  readonly messages: readonly StoredMessage[];
  readonly createdAt: string;
  /** The last request; `storage gc` goes by it. */
  readonly updatedAt: string;
}

/** `ctx.session`: the session as it was when the run was requested, without the request itself. */
export type SeenSession = {
  readonly id: string;
  readonly context?: JsonObject;
  readonly messages: readonly SessionMessage[];
};

/** The session that a run belongs to. */
export interface RunSession {
  readonly id: string;
  /** What all its steps see: a `SeenSession`. */
  readonly seen: Carried;
}

/** The request of a run of the session. */
export interface Turn {
  readonly runId: string;
  readonly content: string;
  readonly at: string;
  /** How many messages the session keeps, this one included. */
  readonly keepLast: number;
}

/** How a run ended: `answer` is its output after a success, if it can be read. */
export interface TurnEnd {
  readonly at: string;
  readonly answer?: string;
}

/** Throws `usage` if the text is not a valid id. */
export function parseSessionId(text: string): string {
  if (SESSION_ID.test(text)) return text;
  const shown = JSON.stringify(text.slice(0, 80));
  throw new SkillosError('usage', `Invalid session id ${shown}: expected ${SESSION_ID_RULE}`);
}

/** Returns a session without messages; its owner is the caller. */
export function newSession(
  { principal, tenant }: Caller,
  {
    id,
    at,
    context,
  }: { readonly id: string; readonly at: string; readonly context?: JsonObject | undefined },
): Session {
  const { subject, roles, via } = principal;
  return {
    id,
    tenant,
    principal: { subject, roles, via },
    ...(context === undefined ? {} : { context }),
    messages: [],
    createdAt: at,
    updatedAt: at,
  };
}

/** Adds the request of a run, and removes the oldest messages. A request that is there already is not added twice. */
export function withTurn(session: Session, { runId, content, at, keepLast }: Turn): Session {
  if (session.messages.some((message) => message.runId === runId)) return session;
  const turn: StoredMessage = { role: 'user', content, at, runId, isOpen: true };
  return { ...session, messages: [...session.messages, turn].slice(-keepLast), updatedAt: at };
}

/** Removes the request of a run that was not started. */
export function withoutTurn(session: Session, runId: string): Session {
  const messages = session.messages.filter((each) => each.runId !== runId || each.isOpen !== true);
  return { ...session, messages };
}

/** The runs whose ends are not in the session yet. */
export function openRunsOf({ messages }: Session): readonly string[] {
  return messages.filter(({ isOpen }) => isOpen === true).map(({ runId }) => runId);
}

/** Adds the answers of runs that have ended, each after its request and by time. */
export function withEnds(session: Session, ends: ReadonlyMap<string, TurnEnd>): Session {
  let { messages } = session;
  for (const runId of openRunsOf(session)) {
    const end = ends.get(runId);
    if (end !== undefined) messages = withEnd(messages, runId, end);
  }
  return messages === session.messages ? session : { ...session, messages };
}

function withEnd(
  messages: readonly StoredMessage[],
  runId: string,
  { at, answer }: TurnEnd,
): readonly StoredMessage[] {
  const asked = messages.findIndex((message) => message.runId === runId);
  const ended = messages.map((message) => (message.runId === runId ? closed(message) : message));
  if (answer === undefined) return ended;
  // Clocks differ between hosts, so that the time alone might put an answer before its request.
  const later = ended.findIndex((message, index) => index > asked && message.at > at);
  const place = later < 0 ? ended.length : later;
  return ended.toSpliced(place, 0, { role: 'assistant', content: answer, at, runId });
}

function closed({ isOpen: _isOpen, ...message }: StoredMessage): StoredMessage {
  return message;
}

/** What a run sees: the messages before its own request. */
export function seenBy({ id, context, messages }: Session, runId: string): SeenSession {
  const asked = messages.findIndex((message) => message.runId === runId);
  return {
    id,
    ...(context === undefined ? {} : { context }),
    messages: messages.slice(0, Math.max(asked, 0)).map(({ role, content, at }) => ({ role, content, at })),
  };
}

/** The text of a payload or an output, cut to `MAX_MESSAGE_CHARS`. */
export function messageText(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= MAX_MESSAGE_CHARS) return text;
  return `${text.slice(0, MAX_MESSAGE_CHARS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`; // no half of a character
}
