/** The driver of http connectors. */
import { connectorHost } from '../../../core/connectors/connector-text.ts';
import type { HttpSpec, ResolveSecret } from '../../../core/connectors/connector.ts';
import { isHeaderValue } from '../../../core/connectors/http/header.ts';
import { readHttpRequest } from '../../../core/connectors/http/request.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { Connector, ConnectorPorts } from '../connector.ts';
import { openHttpClient } from './client.ts';

export async function openHttp(
  spec: HttpSpec,
  { resolveSecret }: Pick<ConnectorPorts, 'resolveSecret'>,
): Promise<Connector> {
  const client = openHttpClient(spec);
  const host = connectorHost(spec);
  return {
    async call(operation, args, { signal }) {
      if (operation !== 'request') {
        const message = `Connector "${spec.id}" has no operation ${JSON.stringify(operation)}: expected "request"`;
        throw new SkillosError('connector_invalid', message);
      }
      const request = readHttpRequest(spec.id, args);
      const headers = await headersOf(spec, request.headers, resolveSecret);
      const { bytes, ...value } = await client.request({ ...request, headers }, signal);
      return { value, facts: { method: request.method, host, status: value.status, bytes } };
    },
    close: () => client.close(),
  };
}

type Headers = Readonly<Record<string, string>>;

/** The call may replace headers of the definition, but not `auth`. */
async function headersOf(spec: HttpSpec, given: Headers, resolveSecret: ResolveSecret): Promise<Headers> {
  const resolve = (text: string) => resolveSecret(spec.id, text);
  const own: [string, string][] = [];
  for (const [name, text] of Object.entries(spec.headers))
    own.push([name.toLowerCase(), await resolve(text)]);
  const auth = await authHeader(spec, resolve);
  for (const name of Object.keys(auth)) {
    if (given[name] === undefined) continue;
    const message = `Invalid header "${name}" to connector "${spec.id}": its auth sets it`;
    throw new SkillosError('connector_invalid', message);
  }
  const headers = { ...Object.fromEntries(own), ...given, ...auth };
  const wrong = Object.keys(headers).find((name) => !isHeaderValue(headers[name] ?? ''));
  if (wrong === undefined) return headers;
  const expected = 'expected a secret without control characters';
  throw new SkillosError(
    'connector_invalid',
    `Invalid header "${wrong}" of connector "${spec.id}": ${expected}`,
  );
}

async function authHeader({ auth }: HttpSpec, resolve: (text: string) => Promise<string>): Promise<Headers> {
  switch (auth?.type) {
    case undefined:
      return {};
    case 'bearer':
      return { authorization: `Bearer ${await resolve(auth.token)}` };
    case 'basic': {
      const pair = `${await resolve(auth.username)}:${await resolve(auth.password)}`;
      return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    }
    case 'header':
      return { [auth.header.toLowerCase()]: await resolve(auth.value) };
  }
}
