/** The driver of http connectors. */
import type { HttpSpec } from '../../../core/connectors/connector.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { CallOptions, Connector, ConnectorAnswer, ConnectorPorts } from './../connector.ts';

export async function openHttp({ id }: HttpSpec, _ports: ConnectorPorts): Promise<Connector> {
  const call = async (operation: string, _args: unknown, _options: CallOptions): Promise<ConnectorAnswer> => {
    throw new SkillosError('connector_invalid', `Connector "${id}" has no operation "${operation}"`);
  };
  return { call, close: async () => undefined };
}
