/** Connectors in words: for reports, lists and dry runs. None of them holds a secret or a path of a server. */
import type { CallReport, ConnectorSpec } from './connector.ts';

/** Host with port of an HTTP server; the driver of a database, whose address is in a secret. */
export function connectorHost(spec: ConnectorSpec): string {
  return spec.type === 'sql' ? spec.driver : new URL(spec.baseUrl).host;
}

/** One line, such as `weather GET api.example.com 200 12 ms 340 bytes`. */
export function callText({ connector, method, host, status, code, ms, bytes }: CallReport): string {
  const outcome = code ?? (status === undefined ? 'ok' : String(status));
  return `${connector} ${method} ${host} ${outcome} ${ms} ms ${bytes} bytes`;
}

/** One of a closed list, for metrics: `ok`, `4xx`, `5xx` or an error code. */
export function callOutcome({ status = 200, code }: Pick<CallReport, 'status' | 'code'>): string {
  if (code !== undefined) return code;
  return status >= 400 ? `${status >= 500 ? 5 : 4}xx` : 'ok';
}
