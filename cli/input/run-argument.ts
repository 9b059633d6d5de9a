/** The run or job that an argument names. */
import type { NamedRun, RunRecordPorts } from '../../client/runs/named-run.ts';
import { isRunId, parseRunId } from '../../core/values/run-id.ts';
import { rightsOf } from './identity.ts';
import type { IdentifiedCommand } from './identity.ts';

/** Resolves to the run id that the text names: an id, a unique beginning of one, `@latest` or `@failed`. */
export async function runNamed(
  command: IdentifiedCommand,
  ports: RunRecordPorts,
  text: string,
): Promise<string> {
  return parseRunId(await idNamed(command, ports, { text })); // a text that names no run is refused as unknown
}

/** The same among jobs. */
export function jobNamed(command: IdentifiedCommand, ports: RunRecordPorts, text: string): Promise<string> {
  return idNamed(command, ports, { text, queue: 'jobs' });
}

async function idNamed(
  command: IdentifiedCommand,
  ports: RunRecordPorts,
  named: Omit<NamedRun, 'rights'>,
): Promise<string> {
  if (isRunId(named.text)) return named.text;
  const { namedRun } = await import('../../client/runs/named-run.ts'); // most ids are complete
  return namedRun(ports, { ...named, rights: await rightsOf(command) });
}
