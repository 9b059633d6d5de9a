import { Command, Option } from 'clipanion';
import { allEngineFiles, engineFiles, realRoot } from '../../../temporal-dev/client/engine-record.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';

export class DevStopCommand extends SkillosCommand {
  static override paths = [['dev', 'stop']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Stop the local engine of this root',
    details: 'Waits up to 30s for running steps. Runs, database and logs are kept for the next start.',
    examples: [
      ['This root', 'skillos dev stop'],
      ['All your roots', 'skillos dev stop --all'],
    ],
  });

  all = Option.Boolean('--all', false, { description: 'The engines of all roots' });

  async perform() {
    const { stopEngine } = await import('../../../temporal-dev/stop.ts');
    const { config, context } = this;
    const targets = this.all
      ? await allEngineFiles(config, context.env)
      : [engineFiles(config, context.env, await realRoot(config.root))];
    const stopped = await Promise.all(targets.map((files) => stopEngine(files)));
    const roots = stopped.filter((root) => root !== undefined);
    this.print({
      text: roots.length === 0 ? 'not_running' : roots.map((root) => `engine_stopped: ${root}`),
      json: { schema: 'skillos.engines_stopped/v1', items: roots.map((root) => ({ root })) },
    });
    return EXIT.ok;
  }
}
