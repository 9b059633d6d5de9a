import { Command } from 'clipanion';
import { EXIT, EXIT_HTTP, EXIT_MEANING } from '../../../core/errors/exit-codes.ts';
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
      http: EXIT_HTTP[name as keyof typeof EXIT],
      meaning: EXIT_MEANING[name as keyof typeof EXIT],
    }));
    this.print({
      text: renderTable(
        ['EXIT', 'HTTP', 'MEANING'],
        items.map(({ code, http, meaning }) => [String(code), http.join(' ') || '-', meaning]),
      ),
      json: { schema: 'skillos.exit-codes/v1', items },
    });
    return EXIT.ok;
  }
}
