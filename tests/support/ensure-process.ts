/** A command that needs a local engine: prints what it was given. */
import { parseConfig } from '../../core/settings/config.ts';
import { ensureEngine } from '../../temporal-dev/client/local-engine.ts';

const notes: string[] = [];
const { address } = await ensureEngine({
  config: parseConfig(process.env),
  env: process.env,
  root: process.env['SKILLOS_ROOT'] as string,
  onNote: (line) => notes.push(line),
  command: JSON.parse(process.env['TEST_ENGINE'] as string) as string[],
});
console.log(JSON.stringify({ address, notes }));
