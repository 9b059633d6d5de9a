/** The driver of sql connectors. */
import type { SqlSpec } from '../../../core/connectors/connector.ts';
import type { Connector, ConnectorPorts } from '../connector.ts';

export async function openSql(spec: SqlSpec, ports: ConnectorPorts): Promise<Connector> {
  return spec.driver === 'postgres'
    ? (await import('./postgres.ts')).openPostgresConnector(spec, ports)
    : (await import('./sqlite.ts')).openSqliteConnector(spec, ports);
}
