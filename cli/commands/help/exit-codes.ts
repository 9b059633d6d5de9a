import { Command } from 'clipanion';
import { EXIT, EXIT_MEANING } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { renderTable } from '../../views/table.ts';

export class HelpExitCodesCommand extends SkillosCommand {
  static override paths = [['help', 'exit-codes']];
  static override usage = Command.Usage({
    category: 'Help',
    description: 'List the exit codes',
    examples: [['All of them', 'skillos help exit-codes']],
  });

  async perform() {
    const items = Object.entries(EXIT).map(([name, code]) => ({
      code,
      name,
      meaning: EXIT_MEANING[name as keyof typeof EXIT],
    }));
    this.print({
      text: renderTable(
        ['EXIT', 'MEANING'],
        items.map(({ code, meaning }) => [String(code), meaning]),
      ),
      json: { schema: 'skillos.exit-codes/v1', items },
    });
    return EXIT.ok;
  }
}
