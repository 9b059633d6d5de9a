import { Command, Option } from 'clipanion';
import { SCHEMA_NAMES, fileSchema, schemaText } from '../../../adapters/catalog/file-schemas.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';

export class SchemaCommand extends SkillosCommand {
  static override paths = [['schema']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Print the JSON Schema of a file of a root, for editors',
    details:
      `The file is one of ${SCHEMA_NAMES.join(', ')}. ` +
      'init writes all of them to schemas/; the line "# yaml-language-server: $schema=<path>" makes an editor use one.',
    examples: [['The schema of manifests', 'skillos schema manifest']],
  });

  file = Option.String({ name: 'file' });

  async perform() {
    const name = SCHEMA_NAMES.find((known) => known === this.file);
    if (name === undefined) {
      const expected = SCHEMA_NAMES.join(', ');
      throw new SkillosError(
        'usage',
        `Unknown file ${JSON.stringify(this.file)}: expected one of ${expected}`,
      );
    }
    this.print({
      text: schemaText(name).trimEnd(),
      json: { schema: 'skillos.schema/v1', file: name, content: fileSchema(name) },
    });
    return EXIT.ok;
  }
}
