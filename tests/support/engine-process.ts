/** The process of a local engine, as `skillos dev --background` runs it, with a worker that only says it polls. */
import { parseConfig } from '../../core/settings/config.ts';
import { engineFiles } from '../../temporal-dev/client/engine-record.ts';
import { Engine } from '../../temporal-dev/engine.ts';

const root = process.argv.at(-1) as string;
const config = parseConfig(process.env);
const engine = new Engine({
  config,
  env: process.env,
  root,
  files: engineFiles(config, process.env, root),
  mode: 'background',
  version: 'test',
  workerCommand: [process.execPath, process.env['TEST_WORKER'] as string],
  onLine: (line) => console.error(line),
});
process.on('SIGTERM', () => void engine.stop());
engine.start().catch((error: Error) => console.error(`Error: ${error.message}`));
