import { Command } from 'clipanion';
import { findEngine } from '../../../adapters/engine-control.ts';
import { engineFiles, realRoot } from '../../../adapters/engine-record.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { engineView } from '../../engine-view.ts';

export class DevStatusCommand extends SkillosCommand {
  static override paths = [['dev', 'status']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Show the local engine of this root',
    details: 'Starts nothing.',
    examples: [
      ['Addresses and processes', 'skillos dev status'],
      ['For a script', 'skillos dev status --json'],
    ],
  });

  async perform() {
    const root = await realRoot(this.config.root);
    const files = engineFiles(this.config, this.context.env, root);
    const found = await findEngine(files);
    this.print(
      found === undefined
        ? { text: 'not_running', json: { schema: 'skillos.engine/v1', state: 'not_running', root } }
        : engineView(found.status, files),
    );
    return EXIT.ok;
  }
}
