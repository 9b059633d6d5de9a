/** Proves that the sender of a decision has the approval token, without sending or storing the token. */
import type { DecisionWord } from './approval.ts';
import { canonicalJson, hmacSha256, isSameSecret } from '../values/digest.ts';

/** Content of a proof, so that it is not valid for another run, plan, decision or person. */
export interface Proven {
  readonly runId: string;
  readonly digest: string;
  readonly decision: DecisionWord;
  readonly subject: string;
  /** The execution that waits; a proof without it serves only a deployment that binds no decisions. */
  readonly execution?: string | undefined;
}

/** Returns the HMAC-SHA-256 under the token, in lower-case hex. */
export function proofOf(token: string, { runId, digest, decision, subject, execution }: Proven): string {
  return hmacSha256(
    token,
    canonicalJson({ runId, digest, decision, subject, ...(execution === undefined ? {} : { execution }) }),
  );
}

/** Compares in constant time. */
export function isProven(token: string, proven: Proven, proof: string): boolean {
  return isSameSecret(proof, proofOf(token, proven));
}
