/** Asks for a confirmation. */
import { createInterface } from 'node:readline/promises';
import { SkillosError } from '../../core/errors/errors.ts';
import type { CliContext } from '../context.ts';

/**
 * Resolves to true if the person at the terminal confirms. Without a terminal only `--yes` confirms: rejects
 * with `usage`.
 */
export async function confirm(question: string, context: CliContext): Promise<boolean> {
  if (!context.isInteractive) {
    throw new SkillosError('usage', 'Expected --yes, because there is no terminal for the question', {
      hint: 'Repeat the command with --yes',
    });
  }
  const prompt = createInterface({ input: context.stdin, output: context.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}
