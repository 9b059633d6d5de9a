import { Command, Option } from 'clipanion';
import { findConnector } from '../../../adapters/connectors/connectors.ts';
import { connectorFields, secretItems } from '../../../core/connectors/connector-document.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { assertKnown, readConnectors } from '../../input/connectors.ts';
import { oneLine, printable } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';

export class ConnectorsShowCommand extends SkillosCommand {
  static override paths = [['connectors', 'show']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Show a connector, with the names of its secrets',
    details: 'Shows the fields with their defaults. Values that could be secrets are not shown.',
    examples: [['One connector', 'skillos connectors show weather']],
  });

  connector = Option.String({ name: 'id' });

  async perform() {
    const { set, states } = await readConnectors(this);
    assertKnown(set, this.connector);
    const spec = findConnector(set, this.connector);
    const file = set.files.get(spec.id) as string; // every definition comes from a file
    const secrets = secretItems(spec.id, states);
    const fields = { ...connectorFields(spec), file };
    const rows = Object.entries({
      ...fields,
      ...Object.fromEntries(secrets.map(({ key, found }) => [`secret ${key}`, found ?? 'not set here'])),
    }).map(([field, value]) => [oneLine(field), oneLine(printable(value))]);
    this.print({
      text: renderTable(['FIELD', 'VALUE'], rows),
      json: { schema: 'skillos.connector/v1', ...fields, secrets },
    });
    return EXIT.ok;
  }
}
