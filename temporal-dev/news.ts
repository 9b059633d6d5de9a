/** What a local engine tells the commands that wait for it. */
import type { EngineStatus } from '../adapters/engine-record.ts';
import { SkillosError } from '../core/errors.ts';
import { messageOf } from './keeper.ts';

const LINES_KEPT = 20;

/** The last lines of progress, numbered so that each is shown once. */
export class News {
  readonly #lines: { readonly number: number; readonly line: string }[] = [];

  get lines(): EngineStatus['notes'] {
    return [...this.#lines];
  }

  add(line: string): void {
    this.#lines.push({ number: (this.#lines.at(-1)?.number ?? 0) + 1, line });
    this.#lines.splice(0, this.#lines.length - LINES_KEPT);
  }
}

export function describeFault(error: unknown): NonNullable<EngineStatus['error']> {
  if (!(error instanceof SkillosError)) return { code: 'engine_failed', message: messageOf(error) };
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
