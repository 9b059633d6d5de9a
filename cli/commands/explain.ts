import { Command, Option } from 'clipanion';
import { ERROR_CODES, isErrorCode } from '../../core/error-codes.ts';
import { SkillosError } from '../../core/errors.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { SkillosCommand } from '../command.ts';

export class ExplainCommand extends SkillosCommand {
  static override paths = [['explain']];
  static override usage = Command.Usage({
    category: 'Help',
    description: 'Say what an error code means and what to do about it',
    details: 'Works offline. Without a code it lists all of them.',
    examples: [['What went wrong', 'skillos explain outcome_unknown']],
  });

  code = Option.String({ required: false });

  async perform() {
    if (this.code === undefined) this.listCodes();
    else this.explain(this.code);
    return EXIT.ok;
  }

  private listCodes(): void {
    const items = Object.entries(ERROR_CODES).map(([code, { meaning }]) => ({ code, meaning }));
    this.print({
      text: items.map(({ code, meaning }) => `${code.padEnd(24)}${meaning}`),
      json: { schema: 'skillos.errors/v1', items },
    });
  }

  private explain(code: string): void {
    if (!isErrorCode(code))
      throw new SkillosError('unknown_code', `Unknown error code ${JSON.stringify(code)}`);
    const { meaning, remedy, exit, http, retryable } = ERROR_CODES[code];
    this.print({
      text: [`${code} (exit ${exit}, HTTP ${http})`, meaning, remedy],
      json: { schema: 'skillos.explain/v1', code, meaning, remedy, exit, http, retryable },
    });
  }
}
