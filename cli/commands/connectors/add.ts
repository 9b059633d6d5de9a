import { Command, Option } from 'clipanion';
import { writeTypes } from '../../../adapters/catalog/types-file.ts';
import { addConnector } from '../../../adapters/connectors/new-connector.ts';
import { authorize, recordAudit } from '../../../client/audit/authorize.ts';
import { assertConnectorId } from '../../../core/connectors/connector-file.ts';
import { CONNECTOR_TYPES } from '../../../core/connectors/connector-template.ts';
import type { ConnectorType } from '../../../core/connectors/connector-template.ts';
import { SkillosError, isSkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openCheckoutToWrite } from '../../runtime.ts';

export class AddConnectorCommand extends SkillosCommand {
  static override paths = [['add-connector']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Create the definition of a connector',
    details:
      'Writes connectors/<id>.yaml, a commented example to edit, and never overwrites a file. Secrets are named in it, not held.',
    examples: [
      ['An HTTP API', 'skillos add-connector weather'],
      ['A database', 'skillos add-connector ledger --type sql --root my-skills'],
    ],
  });

  identity = identityOptions();
  connector = Option.String({ name: 'id' });
  type = Option.String('--type', 'http', { description: `One of ${CONNECTOR_TYPES.join(', ')}` });

  async perform() {
    const { connector: id } = this;
    const { root } = this.config;
    assertConnectorId(id);
    const type = typeOf(this.type);
    const { ports } = openCheckoutToWrite(this);
    const actor = await actorOf(this);
    await authorize(ports, actor, { operation: 'skills:write' });
    const file = await addConnector(root, id, type);
    await recordAudit(ports, actor, { action: 'connector_added', after: { connector: id, type, file } });
    await this.#writeTypes(root);
    this.print({
      text: `Created ${file}`,
      json: { schema: 'skillos.connector-added/v1', connector: id, type, file },
    });
    this.note('Next:');
    this.note(`  skillos secrets init --connector ${id} --root ${root}`);
    this.note(`  skillos connectors test ${id} --root ${root}`);
    return EXIT.ok;
  }

  /** A file of the user's own keeps its content. */
  async #writeTypes(root: string): Promise<void> {
    try {
      await writeTypes(root);
    } catch (error) {
      if (!isSkillosError(error, 'already_exists')) throw error;
      this.note(error.message);
    }
  }
}

function typeOf(text: string): ConnectorType {
  const type = CONNECTOR_TYPES.find((known) => known === text.toLowerCase());
  if (type !== undefined) return type;
  const expected = `expected ${CONNECTOR_TYPES.join(', ')}`;
  throw new SkillosError('usage', `Unknown --type ${JSON.stringify(text)}: ${expected}`);
}
