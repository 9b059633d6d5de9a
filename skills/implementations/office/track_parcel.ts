/** Where a parcel is, as the service of its carrier says. */
import { PermanentError } from 'skillos';
import type { HttpConnector } from 'skillos';

export interface ParcelRequest {
  readonly query?: string;
  readonly number?: string;
}

export interface Parcel {
  readonly number: string;
  readonly status: string;
  readonly place: string;
  /** ISO 8601. */
  readonly since: string;
}

interface Context {
  readonly connectors: { readonly carrier: HttpConnector };
}

export async function run(request: ParcelRequest, { connectors }: Context): Promise<Parcel> {
  const number = request.number ?? numberIn(request.query ?? '');
  const { status, body } = await connectors.carrier.request({ path: `/parcels/${number}` });
  if (status === 404) throw new PermanentError(`The carrier knows no parcel "${number}"`);
  if (status !== 200) throw new Error(`Expected the carrier to answer with 200, got ${status}`);
  return body as Parcel; // `outputs` of the manifest checks it
}

function numberIn(text: string): string {
  const [number] = /\bPX-\d{4}\b/i.exec(text) ?? [];
  if (number !== undefined) return number.toUpperCase();
  throw new PermanentError(`Expected the number of a parcel, such as PX-2041, got "${text}"`);
}
