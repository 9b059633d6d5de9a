/** Every command that takes a run, also those that are yet to come, and how many it needs. */
import { Cli } from 'clipanion';
import { COMMANDS } from '../../cli/commands/index.ts';
import type { CliContext } from '../../cli/context.ts';

export interface RunCommand {
  readonly path: string;
  readonly runs: number;
}

export async function commandsOfRuns(): Promise<readonly RunCommand[]> {
  const found: RunCommand[] = [];
  for (const { path, load } of COMMANDS) {
    const cli = new Cli<CliContext>({ binaryName: 'skillos' });
    cli.register(await load());
    const [usage = ''] = cli.definitions().map((definition) => definition.usage);
    if (/[<[]run[>\]]/.test(usage)) found.push({ path, runs: Math.max(1, usage.split('<').length - 1) });
  }
  return found;
}
