import { Command, Option } from 'clipanion';
import { ERROR_CODES, isErrorCode } from '../../core/errors/error-codes.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { STATE_MEANINGS, isExplainedState } from '../views/state-meanings.ts';
import type { ExplainedState } from '../views/state-meanings.ts';
import { SkillosCommand } from '../command.ts';

export class ExplainCommand extends SkillosCommand {
  static override paths = [['explain']];
  static override usage = Command.Usage({
    category: 'Help',
    description: 'Explain an error code or the state of a run, and what to do',
    details: 'Works offline. Lists all codes and states if none is given.',
    examples: [
      ['An error code', 'skillos explain outcome_unknown'],
      ['A state', 'skillos explain low_confidence'],
    ],
  });

  code = Option.String({ required: false });

  async perform() {
    if (this.code === undefined) this.listCodes();
    else this.explain(this.code);
    return EXIT.ok;
  }

  private listCodes(): void {
    const entries = Object.entries({ ...ERROR_CODES, ...STATE_MEANINGS });
    const items = entries.map(([code, { meaning }]) => ({ code, meaning }));
    this.print({
      text: items.map(({ code, meaning }) => `${code.padEnd(31)}${meaning}`),
      json: { schema: 'skillos.errors/v1', items },
    });
  }

  private explain(code: string): void {
    if (isExplainedState(code)) return this.explainState(code);
    if (!isErrorCode(code))
      throw new SkillosError('unknown_code', `Unknown error code or state ${JSON.stringify(code)}`);
    const { meaning, remedy, exit, http, retryable } = ERROR_CODES[code];
    this.print({
      text: [`${code} (exit ${exit}, HTTP ${http})`, meaning, remedy],
      json: { schema: 'skillos.explain/v1', code, meaning, remedy, exit, http, retryable },
    });
  }

  private explainState(state: ExplainedState): void {
    const { meaning, next } = STATE_MEANINGS[state];
    this.print({
      text: [state, meaning, next],
      json: { schema: 'skillos.explain/v1', code: state, meaning, remedy: next },
    });
  }
}
