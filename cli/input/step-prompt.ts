/** Steps through a run at the terminal: shows the next step and asks for a command. */
import { createInterface } from 'node:readline/promises';
import type { Interface } from 'node:readline/promises';
import type { Paused, StepInstruction } from '../../client/runs/step-control.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { CliContext } from '../context.ts';
import { pausedLines } from '../views/debug-view.ts';
import { forTerminal, plain } from '../views/plain-text.ts';
import { readJson } from './json-option.ts';

const QUESTION = 'Enter = next, c = continue, s = skip, e = edit, a = abort, q = leave it paused: ';

const WORDS: Readonly<Record<string, 'next' | 'continue' | 'skip' | 'abort' | 'edit' | 'leave'>> = {
  '': 'next',
  n: 'next',
  c: 'continue',
  s: 'skip',
  a: 'abort',
  e: 'edit',
  q: 'leave',
};

/** Resolves to undefined if the person leaves the run paused, also by Ctrl-C or Ctrl-D. */
export async function promptStep(paused: Paused, context: CliContext): Promise<StepInstruction | undefined> {
  for (const line of pausedLines(paused)) context.stderr.write(`${forTerminal(line)}\n`);
  const prompt = createInterface({ input: context.stdin, output: context.stderr });
  const left = new AbortController();
  prompt.once('SIGINT', () => left.abort());
  prompt.once('close', () => left.abort());
  try {
    return await orderFrom(prompt, left.signal, context);
  } catch (error) {
    if (left.signal.aborted) return undefined;
    throw error;
  } finally {
    prompt.close();
  }
}

async function orderFrom(
  prompt: Interface,
  signal: AbortSignal,
  context: CliContext,
): Promise<StepInstruction | undefined> {
  for (;;) {
    const answer = (await prompt.question(QUESTION, { signal })).trim();
    const word = Object.hasOwn(WORDS, answer) ? WORDS[answer] : undefined;
    switch (word) {
      case undefined:
        context.stderr.write(`Unknown answer ${plain(JSON.stringify(answer.slice(0, 40)))}\n`);
        continue;
      case 'leave':
        return undefined;
      case 'edit': {
        const input = await inputFrom(prompt, signal, context);
        if (input !== undefined) return input;
        continue;
      }
      case 'next':
      case 'continue':
      case 'skip':
      case 'abort':
        return { command: word };
    }
  }
}

async function inputFrom(
  prompt: Interface,
  signal: AbortSignal,
  context: CliContext,
): Promise<StepInstruction | undefined> {
  try {
    const text = await prompt.question('new input (JSON or @file): ', { signal });
    return { command: 'edit', input: await readJson(text.trim(), 'input') };
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    context.stderr.write(`${forTerminal(error.message)}\n`);
    return undefined;
  }
}
