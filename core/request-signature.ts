/** Whether a request comes from a holder of the server key: whoever reaches Temporal can send one, in any name. */
import type { Decision } from './approval.ts';
import { canonicalJson, hmacSha256, isSameSecret } from './digest.ts';
import type { JsonValue } from './json.ts';
import type { RunRequest } from './run.ts';

export interface Trust {
  /** Then every request must be signed. */
  readonly production: boolean;
  readonly serverKey?: string | undefined;
}

/** Covers all of the request, so that a signature serves no other plan, payload, caller or run. */
export function signRequest(serverKey: string, runId: string, request: RunRequest): string {
  const { signature: _signature, ...signed } = request;
  return hmacSha256(serverKey, canonicalJson({ runId, request: signed } as unknown as JsonValue));
}

/** Covers all of the decision, so that a signature serves no other plan, word, decider or run. */
export function signDecision(serverKey: string, runId: string, decision: Decision): string {
  const { signature: _signature, ...signed } = decision;
  return hmacSha256(serverKey, canonicalJson({ runId, decision: signed } as unknown as JsonValue));
}

/** Why the principal of the request is not to be believed; `undefined` where it is. */
export function distrust(runId: string, request: RunRequest, trust: Trust): string | undefined {
  return doubt(request.signature, trust, (serverKey) => signRequest(serverKey, runId, request));
}

/** Why the principal of the decision is not to be believed; `undefined` where it is. */
export function distrustDecision(runId: string, decision: Decision, trust: Trust): string | undefined {
  return doubt(decision.signature, trust, (serverKey) => signDecision(serverKey, runId, decision));
}

function doubt(
  signature: string | undefined,
  { production, serverKey }: Trust,
  sign: (serverKey: string) => string,
): string | undefined {
  if (serverKey === undefined) {
    return production ? 'The worker has no SKILLOS_SERVER_KEY to verify with who asks' : undefined;
  }
  if (signature === undefined) return 'The request is not signed with the server key';
  const isGenuine = isSameSecret(signature, sign(serverKey));
  return isGenuine ? undefined : 'The request is not signed with the server key of the worker';
}
