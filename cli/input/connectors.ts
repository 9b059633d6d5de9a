/** The connectors of the root of a command, and which of their secrets are set here. */
import { openCatalog } from '../../adapters/catalog/catalog.ts';
import { openConnectorFiles } from '../../adapters/connectors/connector-files.ts';
import { secretUses } from '../../adapters/secrets/secret-uses.ts';
import { openSecretSources } from '../../adapters/secrets/secrets.ts';
import type { ConnectorSet } from '../../core/connectors/connector-file.ts';
import { checkSecret } from '../../core/connectors/secret-check.ts';
import type { SecretState } from '../../core/connectors/secret-check.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { nearest } from '../../core/values/nearest.ts';
import type { SkillosCommand } from '../command.ts';

export async function readConnectors({ config, context }: SkillosCommand): Promise<{
  readonly set: ConnectorSet;
  readonly states: readonly SecretState[];
}> {
  const { root, production } = config;
  const set = openConnectorFiles(root)();
  const sources = openSecretSources({ root, env: context.env, production });
  const uses = (await secretUses(root, await openCatalog(root).load())).filter(
    ({ kind }) => kind === 'connector',
  );
  return { set, states: uses.map((use) => checkSecret(use, sources)) };
}

/** Throws `unknown_connector` if no file defines this id, not even an invalid one. */
export function assertKnown({ files }: ConnectorSet, id: string): void {
  if (files.has(id)) return;
  const meant = nearest(id, [...files.keys()]);
  throw new SkillosError(
    'unknown_connector',
    `Unknown connector ${JSON.stringify(id)}`,
    meant === undefined ? {} : { hint: `Did you mean: ${meant}` },
  );
}
