import { Command, Option } from 'clipanion';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../command.ts';
import { engineView } from '../views/engine-view.ts';

export class DevCommand extends SkillosCommand {
  static override paths = [['dev']];
  static override usage = Command.Usage({
    category: 'Operate',
    description:
      'Run the local engine in the foreground: Temporal, a worker, the API, and a watch on edited skills',
    details:
      'Replaces an engine in the background. Ctrl-C waits for running steps, then ends all processes; a second one ends them at once.',
    examples: [
      ['The engine of this root', 'skillos dev --root ./skills'],
      ['And run the jobs that are enqueued', 'skillos dev --jobs'],
    ],
  });

  jobs = Option.Boolean('--jobs', false, { description: 'Serve the jobs queue too' });

  background = Option.Boolean('--background', false, { hidden: true });

  async perform() {
    const { runDevEngine } = await import('../processes/dev-engine.ts');
    await runDevEngine({
      config: this.config,
      context: this.context,
      mode: this.background ? 'background' : 'foreground',
      servesJobs: this.jobs,
      note: (line) => this.note(line),
      onReady: (status, files, apiUrl) => this.print(engineView(status, files, { apiUrl })),
    });
    return EXIT.ok;
  }
}
