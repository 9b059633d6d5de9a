/** Signatures of run requests, made with the server key and verified by the worker. */
import type { JsonValue } from '../json.ts';
import { refuseSignature } from '../rights/trust.ts';
import type { Trust } from '../rights/trust.ts';
import { canonicalJson, hmacSha256 } from '../values/digest.ts';
import type { RunRequest } from './run.ts';

/** Signs the whole request, so that the signature is not valid for another plan, payload, caller or run. */
export function signRequest(serverKey: string, runId: string, request: RunRequest): string {
  const { signature: _signature, ...signed } = request;
  return hmacSha256(serverKey, canonicalJson({ runId, request: signed } as unknown as JsonValue));
}

/** Returns why the request's signature is not accepted, or undefined if it is. */
export function refuseRequestSignature(runId: string, request: RunRequest, trust: Trust): string | undefined {
  return refuseSignature(request.signature, trust, (serverKey) => signRequest(serverKey, runId, request));
}
