/** The drivers by kind of connector, each loaded by the first call that needs it. */
import type { ConnectorSpec } from '../../core/connectors/connector.ts';
import type { Connector, ConnectorPorts } from './connector.ts';

/** Loads the driver of the connector's kind. */
export async function openConnector(spec: ConnectorSpec, ports: ConnectorPorts): Promise<Connector> {
  switch (spec.type) {
    case 'http':
      return (await import('./http/http.ts')).openHttp(spec, ports);
    case 'sql':
      return (await import('./sql/sql.ts')).openSql(spec, ports);
    case 'vector':
      return (await import('./vector.ts')).openVector(spec, ports);
  }
}
