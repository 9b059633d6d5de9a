/** The base of every command: common options, settings, and one way to print a result or an error. */
import { Command, Option } from 'clipanion';
import { parseConfig } from '../core/config.ts';
import type { Config } from '../core/config.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import type { JsonObject } from '../core/json.ts';
import type { CliContext } from './context.ts';

/** What a command prints: `text` for people, `json` (with its `schema` field) for machines. */
export interface Output {
  readonly text: string | readonly string[];
  readonly json: JsonObject & { readonly schema: string };
}

export abstract class SkillosCommand extends Command<CliContext> {
  root = Option.String('--root', { description: 'Skills root (default: SKILLOS_ROOT, else ./skills)' });
  json = Option.Boolean('--json', false, { description: 'Print one JSON document instead of text' });
  color = Option.Boolean('--color', { description: 'Colours; --no-color or NO_COLOR turns them off' });

  #config: Config | undefined;

  /** Does the work and says how the process ends. Faults are thrown; expected answers are printed. */
  abstract perform(): Promise<ExitCode>;

  override execute(): Promise<ExitCode> {
    return this.perform();
  }

  protected get config(): Config {
    this.#config ??= parseConfig(
      this.root === undefined ? this.context.env : { ...this.context.env, SKILLOS_ROOT: this.root },
    );
    return this.#config;
  }

  /** The result, on stdout; call it once. */
  protected print(output: Output): void {
    const lines = typeof output.text === 'string' ? [output.text] : output.text;
    this.context.stdout.write(
      this.json ? `${JSON.stringify(output.json, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''),
    );
  }

  /** Progress, warnings and hints, on stderr. */
  protected note(line: string): void {
    this.context.stderr.write(`${line}\n`);
  }
}
