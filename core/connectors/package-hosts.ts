/** Which connectors the code of a package may call: those whose server is among the hosts that the operator has accepted. */
import { SkillosError } from '../errors/errors.ts';
import type { ConnectorSpec } from './connector.ts';

/**
 * `hosts` are `host`, for the default port of the scheme, or `host:port`. Throws `connector_not_declared` for another host, and for
 * Postgres, whose address may be anything that its secret says. SQLite reads a file and reaches no host.
 */
export function demandHost(spec: ConnectorSpec, hosts: readonly string[]): void {
  if (spec.type === 'sql') {
    if (spec.driver === 'sqlite') return;
    throw refusal(`Connector "${spec.id}" cannot be used by packages: its host is not in its definition`);
  }
  const { hostname, host, port, protocol } = new URL(spec.baseUrl);
  const withPort = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  if (hosts.includes(host) || hosts.includes(withPort)) return;
  throw refusal(`Expected the hosts of the package to list "${host}", where connector "${spec.id}" leads`);
}

function refusal(message: string): SkillosError {
  return new SkillosError('connector_not_declared', message);
}
