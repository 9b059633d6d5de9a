/** What the code of a package may call: servers that the operator has accepted, in ways that its manifest declares. */
import { SkillosError } from '../errors/errors.ts';
import type { ConnectorCall, ConnectorCaller, ConnectorSpec } from './connector.ts';

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE_METHODS: ReadonlySet<unknown> = new Set(['GET', 'HEAD', 'OPTIONS']);

type Asked = Pick<ConnectorCall, 'operation' | 'args'>;

/**
 * Throws `connector_not_declared` for a host that was not accepted, and for a call that changes something by a package that declares
 * `side_effects: none` or `read`, which the operator has read before it was installed. SQL is refused by the database.
 */
export function demandDeclared(
  spec: ConnectorSpec,
  call: Asked,
  { hosts = [], isReadOnly }: Pick<ConnectorCaller, 'hosts' | 'isReadOnly'>,
): void {
  const problem = hostProblem(spec, hosts);
  if (problem !== undefined) throw new SkillosError('connector_not_declared', problem);
  const change = isReadOnly ? changeOf(spec, call) : undefined;
  if (change === undefined) return;
  throw new SkillosError(
    'connector_not_declared',
    `Expected side_effects: write in the manifest of the package, for ${change} by connector "${spec.id}"`,
  );
}

/**
 * `hosts` are `host`, for the default port of the scheme, or `host:port`. Says why a connector cannot be called with them: it leads
 * to another host, or to Postgres, whose address may be anything that its secret says. SQLite reads a file and reaches no host.
 */
export function hostProblem(spec: ConnectorSpec, hosts: readonly string[]): string | undefined {
  if (spec.type === 'sql') {
    return spec.driver === 'sqlite'
      ? undefined
      : `Connector "${spec.id}" cannot be used by packages: its host is not in its definition`;
  }
  const { hostname, host, port, protocol } = new URL(spec.baseUrl);
  const withPort = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  return hosts.includes(host) || hosts.includes(withPort)
    ? undefined
    : `Expected the hosts of the package to list "${host}", where connector "${spec.id}" leads`;
}

function changeOf({ type }: ConnectorSpec, { operation, args }: Asked): string | undefined {
  if (type === 'vector') return operation === 'search' ? undefined : operation;
  if (type === 'sql') return undefined;
  const { method = 'GET' } = args;
  const name = typeof method === 'string' ? method.toUpperCase() : JSON.stringify(method);
  return SAFE_METHODS.has(name) ? undefined : name;
}
