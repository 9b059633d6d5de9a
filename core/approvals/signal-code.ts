/**
 * Codes for signals of the Temporal Web UI, whose sender is unknown. Where workers have a server key, the input of a signal
 * begins with a code that only a holder of the key can derive. It is short, because a person types it: guessing one of 2^40
 * takes more signals than the 10,000 that Temporal accepts for a run.
 */
import { canonicalJson, hmacSha256, isSameSecret } from '../values/digest.ts';

/** The wait that a code decides; the code serves no other execution, plan or run. */
export interface CodedWait {
  readonly runId: string;
  readonly executionId: string;
  readonly digest: string;
}

export interface SignalText {
  readonly code?: string;
  readonly comment?: string;
}

const CODE_LENGTH = 10; // hexadecimal digits
const CODE_THEN_COMMENT = /^([0-9a-f]{10})(?:\s+([^]*))?$/i;

export function signalCode(serverKey: string, { runId, executionId, digest }: CodedWait): string {
  const facts = canonicalJson({ purpose: 'signal', runId, executionId, digest });
  return hmacSha256(serverKey, facts).slice(0, CODE_LENGTH);
}

/** Separates the code at the beginning of a signal's text from the comment. */
export function parseSignalText(text = ''): SignalText {
  const [, code, rest] = CODE_THEN_COMMENT.exec(text) ?? [];
  const comment = code === undefined ? text : rest;
  return {
    ...(code === undefined ? {} : { code: code.toLowerCase() }),
    ...(comment === undefined || comment === '' ? {} : { comment }),
  };
}

/** Compares in constant time. */
export function isSignalCode(given: string | undefined, serverKey: string, wait: CodedWait): boolean {
  return given !== undefined && isSameSecret(given, signalCode(serverKey, wait));
}
