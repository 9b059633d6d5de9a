/** Verifies that a message comes from a holder of the server key: anyone who reaches Temporal can send one. */
import { isSameSecret } from '../values/digest.ts';

export interface Trust {
  /** Production requires a signature. */
  readonly production: boolean;
  readonly serverKey?: string | undefined;
}

/** Returns why the signature is not accepted, or undefined if it is; `sign` makes the expected signature. */
export function refuseSignature(
  signature: string | undefined,
  { production, serverKey }: Trust,
  sign: (serverKey: string) => string,
): string | undefined {
  if (serverKey === undefined) {
    return production ? 'The worker has no SKILLOS_SERVER_KEY to verify the caller' : undefined;
  }
  if (signature === undefined) return 'The request is not signed with the server key';
  const isGenuine = isSameSecret(signature, sign(serverKey));
  return isGenuine ? undefined : 'The request is not signed with the server key of the worker';
}
