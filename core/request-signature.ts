/** Whether a request comes from a holder of the server key: whoever reaches Temporal can start runs, in any name. */
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

/** Why the principal of the request is not to be believed; `undefined` where it is. */
export function distrust(
  runId: string,
  request: RunRequest,
  { production, serverKey }: Trust,
): string | undefined {
  if (serverKey === undefined) {
    return production ? 'The worker has no SKILLOS_SERVER_KEY to verify with who asks' : undefined;
  }
  if (request.signature === undefined) return 'The request is not signed with the server key';
  const isGenuine = isSameSecret(request.signature, signRequest(serverKey, runId, request));
  return isGenuine ? undefined : 'The request is not signed with the server key of the worker';
}
