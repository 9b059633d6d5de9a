import { Command, Option } from 'clipanion';
import { EXIT } from '../../core/exit-codes.ts';
import { SkillosCommand } from '../command.ts';
import { renderOverview, renderUsage, requireCommand } from '../overview.ts';
import { COMMANDS } from './index.ts';

export class HelpCommand extends SkillosCommand {
  static override paths = [['help']];
  static override usage = Command.Usage({
    category: 'Help',
    description: 'List the commands, or say how one is used',
    examples: [
      ['All commands', 'skillos help'],
      ['One command', 'skillos help run-skill'],
    ],
  });

  words = Option.Rest({ name: 'command' });

  async perform() {
    const prefix = this.words.join(' ');
    requireCommand(prefix);
    const entry = COMMANDS.find(({ path }) => path === prefix);
    const text = entry === undefined ? renderOverview(prefix) : await renderUsage(entry, this.context);
    const items = COMMANDS.filter(({ path }) => `${path} `.startsWith(prefix === '' ? '' : `${prefix} `));
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
