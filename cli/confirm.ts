/** Asking before something that many runs or much data hang on. */
import { createInterface } from 'node:readline/promises';
import { SkillosError } from '../core/errors.ts';
import type { CliContext } from './context.ts';

/** Whether the person at the terminal says yes. Without a terminal only `--yes` is one: rejects with `usage`. */
export async function confirm(question: string, context: CliContext): Promise<boolean> {
  if (!context.isInteractive) {
    throw new SkillosError('usage', 'Expected --yes: there is no terminal to ask at', {
      hint: 'Look first with --dry-run',
    });
  }
  const prompt = createInterface({ input: context.stdin, output: context.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}
