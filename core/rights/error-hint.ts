/** Fills in the hint of an error: the next action, with the names that the error is about. */
import { isRunId } from '../values/run-id.ts';
import { OPERATIONS } from './operations.ts';

export interface HintSource {
  /** Of the error; it quotes names. */
  readonly message: string;
  /** Words of the request that may be ids: those of a command, or the segments of a path. */
  readonly words: readonly string[];
}

/** Replaces `<run>`, `<job>`, `<id>` and `<action>` by names of the message or the request; one that neither has stays. */
export function filledHint(hint: string, { message, words }: HintSource): string {
  const quoted = [...message.matchAll(/"([a-z0-9][^"\s]*)"/g)].map(([, text]) => text as string); // the group has matched
  const [first = '<id>'] = quoted;
  const run = [...quoted, ...words].find(isRunId);
  const operation = OPERATIONS.find((each) => message.includes(each));
  return hint
    .replaceAll(/<(?:run|job)>/g, (name) => run ?? name)
    .replaceAll('<action>', () => operation ?? `run ${first}`)
    .replaceAll('<id>', () => first);
}
