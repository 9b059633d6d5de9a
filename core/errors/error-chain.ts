/** The text of a thrown value with its causes, as records and logs hold it. */

/** More causes and members are left out: they say nothing new, and a chain may contain itself. */
const MAX_CAUSES = 5;
const MAX_MEMBERS = 5;

/** An error of this process or of another realm. */
export interface ErrorLike {
  readonly name?: unknown;
  readonly message: string;
  readonly stack?: unknown;
  readonly cause?: unknown;
  /** Members of an `AggregateError`. */
  readonly errors?: unknown;
  /** Code of the system or of a library, such as `ECONNREFUSED`. */
  readonly code?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
}

export function isErrorLike(thrown: unknown): thrown is ErrorLike {
  return (
    typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string'
  );
}

/** Returns the error's name, or its class name, so that `class NotFound extends Error {}` is recognised. */
export function errorName({ name: given, constructor }: ErrorLike): string {
  const name = typeof given === 'string' && given !== '' ? given : 'Error';
  return (name === 'Error' && typeof constructor === 'function' && constructor.name) || name;
}

/** Returns the causes of the error, outermost first: five at most. */
export function causesOf(error: ErrorLike): readonly unknown[] {
  const causes: unknown[] = [];
  for (let at: unknown = error; isErrorLike(at) && causes.length < MAX_CAUSES; at = at.cause) {
    if (at.cause === undefined || at.cause === null) break;
    causes.push(at.cause);
  }
  return causes;
}

/** Returns `TypeError: fetch failed (caused by connect ECONNREFUSED 127.0.0.1:80)`; `Error` itself is not named. */
export function errorText(error: ErrorLike): string {
  const causes = causesOf(error).map((cause) => `caused by ${partText(cause)}`);
  return causes.length === 0 ? ownText(error) : `${ownText(error)} (${causes.join(', ')})`;
}

/** Returns the text of one error without its causes, with a code or an address that its message lacks. */
function ownText(error: ErrorLike, members = membersOf(error)): string {
  const { message, code, address, port } = error;
  const name = errorName(error);
  const place =
    typeof address === 'string' ? [typeof port === 'number' ? `${address}:${port}` : address] : [];
  const said = [message, ...members].filter((part) => part !== '').join(' ');
  const facts = [...(typeof code === 'string' ? [code] : []), ...place].filter(
    (fact) => !said.includes(fact),
  );
  const shown = facts.length === 0 ? said : `${said} (${facts.join(' ')})`;
  return name === 'Error' ? shown : `${name}: ${shown}`;
}

function membersOf({ errors }: ErrorLike): readonly string[] {
  if (!Array.isArray(errors) || errors.length === 0) return [];
  const members = errors.slice(0, MAX_MEMBERS).map((member) => partText(member, [])); // which may contain the error itself
  const more = errors.length > MAX_MEMBERS ? [`${errors.length - MAX_MEMBERS} more`] : [];
  return [`[${[...members, ...more].join('; ')}]`];
}

/** A cause or a member, which may be any value. Objects that are no errors may hold anything, so they are not shown. */
function partText(part: unknown, members?: readonly string[]): string {
  if (isErrorLike(part)) return ownText(part, members);
  if (typeof part === 'string') return part;
  return typeof part === 'number' || part === null ? `${part}` : 'a value that is not an Error';
}
