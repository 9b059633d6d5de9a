/** A connector whose answers and errors do not tell the secrets that it has resolved, whatever its server sends back. */
import type { ConnectorSpec } from '../../core/connectors/connector.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import { outputMask } from '../../core/settings/masking.ts';
import type { OutputMask } from '../../core/settings/masking.ts';
import { maskedError, maskedJson } from '../secrets/masked.ts';
import type { Connector, ConnectorPorts } from './connector.ts';

type Open = (spec: ConnectorSpec, ports: ConnectorPorts) => Promise<Connector>;

/** Former values of a secret that has changed are masked too. */
export async function openMasked(open: Open, spec: ConnectorSpec, ports: ConnectorPorts): Promise<Connector> {
  const seen = new Set<string>();
  let mask: OutputMask | undefined;
  const guarded = async <Value>(work: Promise<Value>, show: (value: Value, mask: OutputMask) => Value) => {
    try {
      const value = await work;
      return mask === undefined ? value : show(value, mask);
    } catch (error) {
      throw mask !== undefined && isSkillosError(error) ? maskedError(error, mask) : error;
    }
  };
  const opening = open(spec, {
    ...ports,
    async resolveSecret(connector, text) {
      const value = await ports.resolveSecret(connector, text);
      if (value === text || seen.has(value)) return value;
      mask = outputMask([...seen.add(value)]);
      return value;
    },
  });
  const connector = await guarded(opening, (opened) => opened);
  return {
    call: (operation, args, options) =>
      guarded(connector.call(operation, args, options), (answer, known) => ({
        ...answer,
        value: maskedJson(answer.value, known),
      })),
    close: () => connector.close(),
  };
}
