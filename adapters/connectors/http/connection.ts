/** Connections of a connector to its server: each address is checked at the moment when it is connected to. */
import { lookup as resolve } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { Pool, buildConnector } from 'undici';
import { isAllowedAddress } from '../../../core/connectors/http/address.ts';
import { SkillosError, isSkillosError } from '../../../core/errors/errors.ts';

/** Other than those of the system, in tests: how names are resolved, and which authority is trusted. */
export interface Network {
  readonly lookup?: typeof resolve;
  readonly ca?: string;
}

export interface ConnectionOptions {
  /** Id of the connector, for messages. */
  readonly id: string;
  readonly baseUrl: string;
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  readonly network?: Network;
}

/** Maximum of an answer, before and after it is decompressed. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_CONNECTIONS = 128;
const IDLE_MS = 10_000;

/** No connection was made, so that nothing was sent. */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
}

/** Proxies of the environment are not used: the address of the server could not be checked. */
export function openPool({ id, baseUrl, ...options }: ConnectionOptions): Pool {
  const refused = (where: string) =>
    new SkillosError('address_refused', `Connector "${id}" must not connect to ${where}`);
  return new Pool(new URL(baseUrl).origin, {
    connect: checkedConnector({ ...options, refused }),
    connections: MAX_CONNECTIONS,
    keepAliveTimeout: IDLE_MS,
    maxResponseSize: MAX_BODY_BYTES,
    // The call as a whole has a timeout.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

export interface CheckedConnectorOptions extends Pick<
  ConnectionOptions,
  'allowPrivate' | 'timeoutMs' | 'network'
> {
  /** The error for a host, with the address that it resolves to. */
  readonly refused: (where: string) => SkillosError;
}

/** Fails with the error of `refused`, or with `ConnectFailure`. */
export function checkedConnector(options: CheckedConnectorOptions): buildConnector.connector {
  const { timeoutMs, network: { lookup = resolve, ca } = {} } = options;
  const refusalOf = (host: string, address: string) =>
    isAllowedAddress(address, options.allowPrivate)
      ? undefined
      : options.refused(host === address ? host : `${host} (${address})`);

  const checkedLookup: LookupFunction = (host, asked, done) =>
    lookup(host, { ...asked, all: true }, (error, found) => {
      const refusals = error ? [] : found.map(({ address }) => refusalOf(host, address));
      done(error ?? refusals.find((refusal) => refusal !== undefined) ?? null, found);
    });
  const connect = buildConnector({
    lookup: checkedLookup,
    autoSelectFamily: true, // asks for all addresses of a name
    timeout: timeoutMs,
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
  });
  return (target, done) => {
    const refusal = isIP(target.hostname) === 0 ? undefined : refusalOf(target.hostname, target.hostname);
    if (refusal !== undefined) return done(refusal, null);
    connect(target, (...[error, socket]) => {
      if (error === null) done(null, socket);
      else done(isSkillosError(error) ? error : new ConnectFailure(error.message, { cause: error }), null);
    });
  };
}
