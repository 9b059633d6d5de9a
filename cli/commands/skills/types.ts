import { Command, Option } from 'clipanion';
import { TYPES_FILE, readTypes, writeTypes } from '../../../adapters/catalog/types-file.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';

export class TypesCommand extends SkillosCommand {
  static override paths = [['types']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Write the types of the skill API and of the connectors, for editors',
    details:
      'Writes skillos.d.ts into the root, so that an editor completes ctx.connectors. "skillos init" and ' +
      '"skillos add-connector" write it too. Connectors without a valid definition are left out.',
    examples: [
      ['Write them', 'skillos types'],
      ['In CI: exits with 1 if they are out of date', 'skillos types --check'],
    ],
  });

  check = Option.Boolean('--check', false, {
    description: 'Write nothing; exit with 1 if the file is out of date',
  });

  async perform() {
    const { root } = this.config;
    const { isCurrent } = this.check ? readTypes(root) : await writeTypes(root);
    const outcome = isCurrent ? 'current' : this.check ? 'outdated' : 'written';
    this.print({
      text: `types_${outcome}: ${TYPES_FILE}`,
      json: { schema: 'skillos.types/v1', file: TYPES_FILE, outcome },
    });
    return outcome === 'outdated' ? EXIT.failed : EXIT.ok;
  }
}
