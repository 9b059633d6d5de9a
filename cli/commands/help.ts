import { Command, Option } from 'clipanion';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../command.ts';
import { renderOverview, renderUsage, requireCommand } from '../views/overview.ts';

export class HelpCommand extends SkillosCommand {
  static override paths = [['help']];
  static override usage = Command.Usage({
    category: 'Help',
    description: 'List the commands, or show the help of one',
    examples: [
      ['All commands', 'skillos help'],
      ['One command', 'skillos help run-skill'],
    ],
  });

  words = Option.Rest({ name: 'command' });

  async perform() {
    const { commands } = this.context;
    const prefix = this.words.join(' ');
    requireCommand(commands, prefix);
    const entry = commands.find(({ path }) => path === prefix);
    const text =
      entry === undefined ? renderOverview(commands, prefix) : await renderUsage(entry, this.context);
    const items = commands.filter(({ path }) => `${path} `.startsWith(prefix === '' ? '' : `${prefix} `));
    this.print({
      text: text.trimEnd(),
      json: {
        schema: 'skillos.help/v1',
        items: items.map(({ path, group, summary }) => ({ path, group, summary })),
      },
    });
    return EXIT.ok;
  }
}
