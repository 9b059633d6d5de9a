/** Makes the connector calls of skills: finds the definition, opens the connector once, and reports each call. */
import { isDeepStrictEqual } from 'node:util';
import { knownOperation } from '../../core/connectors/connector.ts';
import type {
  CallReport,
  ConnectorCall,
  ConnectorCaller,
  ConnectorHost,
  ConnectorSpec,
} from '../../core/connectors/connector.ts';
import type { ConnectorSet } from '../../core/connectors/connector-file.ts';
import { connectorHost } from '../../core/connectors/connector-text.ts';
import { demandDeclared } from '../../core/connectors/package-hosts.ts';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { openConnectorFiles } from './connector-files.ts';
import type { Connector, ConnectorPorts } from './connector.ts';
import { openConnector } from './drivers.ts';
import { openMasked } from './masked-connector.ts';
import type { CallGuard } from './call-guard.ts';

export interface ConnectorsOptions extends ConnectorPorts {
  /** Refuses calls beyond the rate limit, or to a server that does not answer. */
  readonly guard: CallGuard;
  /** The definitions that count for a caller; default the files of the root. */
  readonly definitions?: (caller: ConnectorCaller) => Promise<ConnectorSet>;
}

/** Definitions of one connector that stay open: runs of an earlier deployment use its own. */
const MAX_DEFINITIONS = 3;

interface Opened {
  readonly spec: ConnectorSpec;
  readonly connector: Promise<Connector>;
}

export function openConnectors({ guard, definitions, ...ports }: ConnectorsOptions): ConnectorHost {
  const files = openConnectorFiles(ports.root);
  const opened = new Map<string, readonly Opened[]>();

  /** A changed definition opens the connector again; calls in progress end with the old one. */
  function connectorOf(spec: ConnectorSpec): Promise<Connector> {
    const others = opened.get(spec.id) ?? [];
    const known = others.find((open) => isDeepStrictEqual(open.spec, spec));
    if (known !== undefined) return known.connector;
    const connector = openMasked(openConnector, spec, ports);
    const added = { spec, connector };
    opened.set(spec.id, [added, ...others].slice(0, MAX_DEFINITIONS));
    for (const old of others.slice(MAX_DEFINITIONS - 1)) void closeQuietly(old);
    connector.catch(() => {
      const left = opened.get(spec.id) ?? []; // so that the next call tries again
      opened.set(
        spec.id,
        left.filter((open) => open !== added),
      );
    });
    return connector;
  }

  async function call(
    { connector: id, ...call }: ConnectorCall,
    caller: ConnectorCaller,
  ): Promise<JsonValue> {
    if (!caller.declared.includes(id)) {
      const message = `Expected connectors in the manifest to list ${JSON.stringify(id)}`;
      throw new SkillosError('connector_not_declared', message);
    }
    const spec = findConnector((await definitions?.(caller)) ?? files(), id);
    if (caller.hosts !== undefined) demandDeclared(spec, call, caller);
    return reported(spec, { ...call, caller }, async () => {
      const release = await guard.admit(spec);
      try {
        const connector = await connectorOf(spec);
        const answer = await connector.call(call.operation, call.args, caller);
        release(answer.facts);
        return answer;
      } catch (error) {
        release({ code: isSkillosError(error) ? error.code : 'internal' });
        throw error;
      }
    });
  }

  return {
    call,
    async close() {
      const all = [...opened.values()].flat();
      opened.clear();
      await Promise.all([guard.close(), ...all.map(closeQuietly)]);
    },
  };
}

/** Throws `connector_invalid` for an id without a definition that counts. */
export function findConnector({ specs, files, findings }: ConnectorSet, id: string): ConnectorSpec {
  const spec = specs.get(id);
  if (spec !== undefined) return spec;
  const file = files.get(id);
  if (file === undefined) throw new SkillosError('connector_invalid', `Connector "${id}" has no definition`);
  const found = findings.find((finding) => finding.file === file);
  const why = found === undefined ? 'another file has the same id' : found.message;
  const field = found?.field === undefined ? '' : `${found.field} `;
  throw new SkillosError('connector_invalid', `Connector "${id}" in ${file} is invalid: ${field}${why}`);
}

type Answering = () => ReturnType<Connector['call']>;

async function reported(
  spec: ConnectorSpec,
  { operation, caller }: Omit<ConnectorCall, 'connector'> & { readonly caller: ConnectorCaller },
  answering: Answering,
): Promise<JsonValue> {
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  const { id: connector } = spec;
  try {
    const { value, facts } = await answering();
    caller.onReport({ connector, ...facts, ms: ms() });
    return value;
  } catch (error) {
    const report: CallReport = {
      connector,
      method: knownOperation(operation),
      host: connectorHost(spec),
      code: codeOf(error, caller.signal),
      bytes: 0,
      ms: ms(),
    };
    caller.onReport(report);
    throw error;
  }
}

/** A call for which nobody waits any more was too slow for its skill or its step; the server may have acted. */
function codeOf(error: unknown, { aborted }: AbortSignal): ErrorCode {
  if (isSkillosError(error)) return error.code;
  return aborted ? 'connector_timeout' : 'internal';
}

/** A connector that did not open has nothing to close. */
async function closeQuietly({ connector }: Opened): Promise<void> {
  await connector.then((open) => open.close()).catch(() => undefined);
}
