/** Creates the definition of a new connector. */
import { connectorTemplate } from '../../core/connectors/connector-template.ts';
import type { ConnectorType } from '../../core/connectors/connector-template.ts';
import { CONNECTOR_FOLDER } from '../../core/connectors/connector-file.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { openRoot } from '../catalog/skills-root.ts';
import { createFiles, refuseExisting } from '../files/create-files.ts';
import { openConnectorFiles } from './connector-files.ts';

/** Resolves to the path of the file below the root. Rejects with `already_exists` if any file has this name or defines this id. */
export async function addConnector(root: string, id: string, type: ConnectorType): Promise<string> {
  const existing = openConnectorFiles(root)().files.get(id);
  if (existing !== undefined)
    throw new SkillosError('already_exists', `Connector "${id}" exists already in ${existing}`);
  const name = `${CONNECTOR_FOLDER}/${id}`;
  for (const file of [`${name}.yml`, `${name}.json`]) await refuseExisting(openRoot(root), file);
  const path = `${name}.yaml`;
  await createFiles(root, [{ path, content: connectorTemplate(id, type) }]);
  return path;
}
