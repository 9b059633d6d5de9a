/** The promised commands on a fresh root with state on files and a local engine: `npm run smoke`. */
import { join } from 'node:path';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { rootOf, smoke } from './smoke.ts';

const folder = tempFolder();
const inherited = Object.entries(process.env).filter(([name]) => !/^(SKILLOS|TEMPORAL)_/.test(name));
const env = {
  ...(Object.fromEntries(inherited) as Record<string, string>),
  SKILLOS_ROOT: rootOf(folder),
  SKILLOS_STATE_DIR: join(folder, 'state'),
};

afterAll(async () => {
  await skillos(['dev', 'stop'], { env });
});

smoke({ folder, env: () => env });
