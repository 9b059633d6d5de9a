/** Another build of the program, whose workflow code differs. */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageFile } from '../../adapters/machine/package.ts';
import { tempFolder } from './temp-folder.ts';

const BEGIN = 'async function run(request) {\n    assertRequest(request);\n';

/** Its runs begin with a timer, so it cannot replay the history of a run of this build. Returns the path of the program. */
export function buildWithTimer(): string {
  const folder = tempFolder();
  const filter = (source: string) => !source.endsWith('.map');
  cpSync(packageFile('dist'), path.join(folder, 'dist'), { recursive: true, filter });
  cpSync(packageFile('package.json'), path.join(folder, 'package.json'));
  symlinkSync(packageFile('node_modules'), path.join(folder, 'node_modules'));
  const bundle = path.join(folder, 'dist/workflows.js');
  const code = readFileSync(bundle, 'utf8');
  const [, module] = /\(0,(\w+)\.condition\)\(\w+\.allHandlersFinished\)/.exec(code) ?? [];
  const changed = code.replace(BEGIN, `${BEGIN}    await (0,${module}.sleep)(1);\n`);
  if (module === undefined || changed === code) throw new Error('Expected the start of a run in the bundle');
  writeFileSync(bundle, changed);
  return path.join(folder, 'dist/skillos.mjs');
}
