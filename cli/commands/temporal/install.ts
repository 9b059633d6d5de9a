import { Command } from 'clipanion';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';

export class TemporalInstallCommand extends SkillosCommand {
  static override paths = [['temporal', 'install']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Find or download the Temporal CLI for the local engine, and print its path',
    details:
      'Checks SKILLOS_TEMPORAL_BIN, PATH and the cache, then downloads the pinned release and verifies its SHA-256.',
    examples: [['Before going offline', 'skillos temporal install']],
  });

  async perform() {
    const { resolveTemporalBinary } = await import('../../../temporal-dev/binary.ts');
    const path = await resolveTemporalBinary({
      config: this.config,
      env: this.context.env,
      onProgress: (line) => this.note(line),
    });
    this.print({ text: path, json: { schema: 'skillos.temporal_binary/v1', path } });
    return EXIT.ok;
  }
}
