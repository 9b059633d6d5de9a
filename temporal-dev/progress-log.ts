/** Progress and failure of a local engine, for commands that wait for it. */
import type { EngineStatus } from './client/engine-record.ts';
import { SkillosError } from '../core/errors/errors.ts';
import { messageOf } from './supervisor.ts';

const LINES_KEPT = 20;

/** Keeps the last 20 lines, numbered so that a command shows each once. */
export class ProgressLog {
  readonly #lines: { readonly number: number; readonly line: string }[] = [];

  get lines(): EngineStatus['notes'] {
    return [...this.#lines];
  }

  add(line: string): void {
    this.#lines.push({ number: (this.#lines.at(-1)?.number ?? 0) + 1, line });
    this.#lines.splice(0, this.#lines.length - LINES_KEPT);
  }
}

export function describeFailure(error: unknown): NonNullable<EngineStatus['error']> {
  if (!(error instanceof SkillosError)) return { code: 'engine_failed', message: messageOf(error) };
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
