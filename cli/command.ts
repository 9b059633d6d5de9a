/** The base of every command: common options, settings, and one way to print a result or an error. */
import { Command, Option } from 'clipanion';
import { findRoot } from '../adapters/catalog/find-root.ts';
import { parseRootConfig } from '../adapters/catalog/root-settings-file.ts';
import { rootOf } from '../core/settings/config.ts';
import { SETTINGS } from '../core/settings/settings.ts';
import type { Config } from '../core/settings/config.ts';
import type { ExitCode } from '../core/errors/exit-codes.ts';
import type { JsonObject } from '../core/json.ts';
import type { CliContext } from './context.ts';
import { forTerminal, jsonText } from './views/plain-text.ts';

/** The output of a command: `text` for people, `json` (with its `schema` field) for machines. */
export interface Output {
  readonly text: string | readonly string[];
  /** Output of a skill, after the text. A pipe receives it unchanged, a terminal as `forTerminal` gives it. */
  readonly result?: string;
  readonly json: JsonObject & { readonly schema: string };
}

export abstract class SkillosCommand extends Command<CliContext> {
  root = Option.String('--root', {
    description: 'Skills root (default: SKILLOS_ROOT, else the root around this folder, else ./skills)',
  });
  json = Option.Boolean('--json', false, { description: 'Print one JSON document instead of text' });
  color = Option.Boolean('--color', { description: 'Colours; --no-color or NO_COLOR turns them off' });

  #config: Config | undefined;

  /** Does the work; resolves to the exit code. Throws faults, and prints expected results. */
  abstract perform(): Promise<ExitCode>;

  override execute(): Promise<ExitCode> {
    return this.perform();
  }

  /** The settings of the environment and of the root. */
  get config(): Config {
    if (this.#config === undefined) {
      const { env } = this.located();
      this.#config = parseRootConfig(env, rootOf(env));
    }
    return this.#config;
  }

  /** The environment with the root, and its source if that is not the environment. */
  located(): { readonly env: CliContext['env']; readonly source?: 'option' | 'folder' } {
    const { env } = this.context;
    const { variable } = SETTINGS.root;
    if (this.root !== undefined) return { env: { ...env, [variable]: this.root }, source: 'option' };
    const found = env[variable] ? undefined : findRoot(process.cwd());
    return found === undefined ? { env } : { env: { ...env, [variable]: found }, source: 'folder' };
  }

  /** Prints the result to stdout; call it once. */
  print(output: Output): void {
    const { stdout, isPiped } = this.context;
    if (this.json) {
      stdout.write(`${jsonText(output.json)}\n`);
      return;
    }
    for (const line of [output.text].flat()) stdout.write(`${forTerminal(line)}\n`);
    if (output.result !== undefined)
      stdout.write(`${isPiped ? output.result : forTerminal(output.result)}\n`);
  }

  /** Prints progress, warnings and hints to stderr. */
  note(line: string): void {
    this.context.stderr.write(`${forTerminal(line)}\n`);
  }
}
