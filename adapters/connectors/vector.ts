/** The driver of vector connectors: requests to Qdrant's REST API through the driver of http connectors. */
import type { HttpSpec, VectorSpec } from '../../core/connectors/connector.ts';
import { qdrantAnswer, qdrantRequest } from '../../core/connectors/vector/qdrant.ts';
import type { HttpOutcome } from '../../core/connectors/vector/qdrant.ts';
import type { Connector, ConnectorPorts } from './connector.ts';
import { openHttp } from './http/http.ts';

export async function openVector(spec: VectorSpec, ports: ConnectorPorts): Promise<Connector> {
  const { id } = spec;
  const http = await openHttp(httpSpecOf(spec), ports);
  return {
    async call(operation, args, options) {
      const { value, facts } = await http.call('request', qdrantRequest(id, operation, args), options);
      const outcome = value as unknown as HttpOutcome; // of the operation `request`
      return { value: qdrantAnswer(id, operation, outcome), facts: { ...facts, method: operation } };
    },
    close: () => http.close(),
  };
}

function httpSpecOf({ id, baseUrl, apiKey, timeoutMs, allowPrivate }: VectorSpec): HttpSpec {
  const auth =
    apiKey === undefined ? {} : { auth: { type: 'header' as const, header: 'api-key', value: apiKey } };
  return { type: 'http', id, baseUrl, headers: {}, ...auth, timeoutMs, allowPrivate, followRedirects: 0 };
}
