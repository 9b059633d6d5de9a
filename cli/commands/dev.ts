import { Command, Option } from 'clipanion';
import { EXIT } from '../../core/exit-codes.ts';
import { SkillosCommand } from '../command.ts';
import { engineView } from '../engine-view.ts';

export class DevCommand extends SkillosCommand {
  static override paths = [['dev']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Run the local engine here: Temporal, a worker, the API, and a look-out for edited skills',
    details:
      'Takes over from an engine in the background. Ctrl-C lets running steps end, then ends everything; twice ends it at once.',
    examples: [['The engine of this root', 'skillos dev --root ./skills']],
  });

  background = Option.Boolean('--background', false, { hidden: true });

  async perform() {
    const { runDevEngine } = await import('../dev-engine.ts');
    await runDevEngine({
      config: this.config,
      context: this.context,
      mode: this.background ? 'background' : 'foreground',
      note: (line) => this.note(line),
      onReady: (status, files, apiUrl) => this.print(engineView(status, files, apiUrl)),
    });
    return EXIT.ok;
  }
}
