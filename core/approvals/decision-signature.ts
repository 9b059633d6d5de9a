/** Signatures of decisions, made with the server key and verified by the worker. */
import type { JsonValue } from '../json.ts';
import { refuseSignature } from '../rights/trust.ts';
import type { Trust } from '../rights/trust.ts';
import { canonicalJson, hmacSha256 } from '../values/digest.ts';
import type { Decision } from './approval.ts';

/** Signs the whole decision, so that the signature is not valid for another plan, decision, decider or run. */
export function signDecision(serverKey: string, runId: string, decision: Decision): string {
  const { signature: _signature, ...signed } = decision;
  return hmacSha256(serverKey, canonicalJson({ runId, decision: signed } as unknown as JsonValue));
}

/** Returns why the decision's signature is not accepted, or undefined if it is. */
export function refuseDecisionSignature(runId: string, decision: Decision, trust: Trust): string | undefined {
  return refuseSignature(decision.signature, trust, (serverKey) => signDecision(serverKey, runId, decision));
}
