import { Command, Option } from 'clipanion';
import { EXAMPLE_SKILL, createRoot } from '../../adapters/catalog/root-template.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../command.ts';

export class InitCommand extends SkillosCommand {
  static override paths = [['init']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Create a skills root with one example skill',
    details:
      'The folder must be empty or must not exist yet. It gets a package.json and a tsconfig.json for the type ' +
      'check, and JSON Schemas for editors.',
    examples: [['A root in the folder my-skills', 'skillos init my-skills']],
  });

  folder = Option.String({ name: 'dir' });

  async perform() {
    const files = await createRoot(this.folder);
    this.print({
      text: `Created ${this.folder}`,
      json: { schema: 'skillos.init/v1', root: this.folder, files },
    });
    this.note('Next:');
    this.note(`  skillos run-skill ${EXAMPLE_SKILL} --payload "How long is this?" --root ${this.folder}`);
    this.note(`  skillos add-skill <domain>/<name> --root ${this.folder}`);
    this.note(`  skillos test ${EXAMPLE_SKILL} --root ${this.folder}`);
    this.note(`  npm install --prefix ${this.folder}  # types of Node for editors and tsc`);
    return EXIT.ok;
  }
}
