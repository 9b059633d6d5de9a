/** The proof that whoever decides holds the approval token, which itself is never sent or stored. */
import type { DecisionWord } from './approval.ts';
import { canonicalJson, hmacSha256, isSameSecret } from './digest.ts';

/** What a proof is about, so that it serves no other run, plan, decision or person. */
export interface Proven {
  readonly runId: string;
  readonly digest: string;
  readonly decision: DecisionWord;
  readonly subject: string;
}

/** HMAC-SHA-256 in lower-case hex. */
export function proofOf(token: string, { runId, digest, decision, subject }: Proven): string {
  return hmacSha256(token, canonicalJson({ runId, digest, decision, subject }));
}

/** Takes the same time wherever the proof differs. */
export function isProven(token: string, proven: Proven, proof: string): boolean {
  return isSameSecret(proof, proofOf(token, proven));
}
