import path from 'node:path';
import { Command } from 'clipanion';
import { connectorItems } from '../../../core/connectors/connector-document.ts';
import type { ConnectorItem } from '../../../core/connectors/connector-document.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { readConnectors } from '../../input/connectors.ts';
import { oneLine } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';

export class ConnectorsListCommand extends SkillosCommand {
  static override paths = [['connectors', 'list']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List the connectors of a root',
    details: 'Also files that are not valid, with the first problem of each. Secrets are shown by name.',
    examples: [['All of a root', 'skillos connectors list --root my-skills']],
  });

  async perform() {
    const { set, states } = await readConnectors(this);
    const items = connectorItems(set, states);
    this.print({
      text:
        items.length === 0
          ? 'no_connectors'
          : renderTable(['CONNECTOR', 'TYPE', 'HOST', 'SECRETS', 'FILE'], items.map(rowOf)),
      json: { schema: 'skillos.connectors/v1', items },
    });
    for (const { file, problem } of items)
      if (problem !== undefined) this.note(`invalid_connector: ${file} ${oneLine(problem)}`);
    return EXIT.ok;
  }
}

function rowOf({ id, type = 'invalid', host = '', secrets = [], file }: ConnectorItem): readonly string[] {
  const keys = secrets.map(({ key, found }) => (found === null ? `${key} (missing)` : key));
  return [id || path.basename(file), type, host, keys.join(', '), file].map(oneLine);
}
