/** Verifies the signature of a delivery in a time that does not depend on what is wrong with it. */
import { hmacOfParts, isSameSecret } from '../values/digest.ts';
import { schemeOf } from './scheme.ts';
import type { HeaderOf, SchemeName } from './scheme.ts';

/** A signature counts if its time differs by at most this from ours, in either direction. */
const TOLERANCE_SECONDS = 300;

/** Why a delivery is refused; the sender learns none of them. */
export type SignatureFault =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_stale'
  | 'signature_wrong'
  | 'secret_missing'
  | 'secret_invalid';

export interface Verification {
  readonly scheme: SchemeName;
  readonly header: HeaderOf;
  readonly body: Uint8Array;
  /** All of them are valid at the moment. */
  readonly secrets: readonly string[];
  /** Unix milliseconds. */
  readonly now: number;
}

/** Stands in for a secret that is missing, so that a refusal takes as long as one with a secret. */
const NO_SECRET = 'no secret';

/** Returns undefined if the signature is right. */
export function faultOf({
  scheme: name,
  header,
  body,
  secrets,
  now,
}: Verification): SignatureFault | undefined {
  const scheme = schemeOf(name);
  const claim = scheme.claim(header);
  const given = secrets.map(scheme.key);
  const keys = given.filter((key) => key !== undefined);
  const macs = (keys.length === 0 ? [NO_SECRET] : keys).map((key) =>
    hmacOfParts(key, [claim?.prefix ?? '', body], scheme.encoding),
  );
  const hits = (claim?.signatures ?? ['']).flatMap((each) => macs.map((mac) => isSameSecret(mac, each)));
  if (given.length === 0) return 'secret_missing';
  if (keys.length === 0) return 'secret_invalid';
  if ((header(scheme.header) ?? '') === '') return 'signature_missing';
  if (claim === undefined) return 'signature_malformed';
  if (isStale(claim.timestamp, now)) return 'signature_stale';
  return hits.includes(true) ? undefined : 'signature_wrong';
}

function isStale(timestamp: number | undefined, now: number): boolean {
  return timestamp !== undefined && Math.abs(now / 1000 - timestamp) > TOLERANCE_SECONDS;
}
