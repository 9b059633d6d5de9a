import { Command } from 'clipanion';
import { intlZones } from '../../../adapters/machine/zones.ts';
import { nextFiring } from '../../../client/schedules/show.ts';
import { findEngine } from '../../../temporal-dev/client/engine-control.ts';
import { engineFiles, realRoot } from '../../../temporal-dev/client/engine-record.ts';
import { isSkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { openRuntime } from '../../runtime.ts';
import { engineView } from '../../views/engine-view.ts';

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
        : engineView(found.status, files, { next: await this.#nextFiring() }),
    );
    return EXIT.ok;
  }

  /** The state of the engine is shown also while its storage cannot be read. */
  async #nextFiring() {
    const { ports } = openRuntime(this);
    return nextFiring({ ...ports, zones: intlZones }).catch((error: unknown) => {
      if (!isSkillosError(error)) throw error;
      this.note(`The next firing is unknown: ${error.message}`);
      return undefined;
    });
  }
}
