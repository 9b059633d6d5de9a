/** Options of executing commands whose text means more than itself. */
import type { DecisionWord } from '../core/approval.ts';
import { SkillosError } from '../core/errors.ts';

/** `--approval`: in any case, as the predecessor took it. */
export function decisionOf(given: string | undefined): DecisionWord | undefined {
  const word = given?.toLowerCase();
  if (word === undefined || word === 'approved' || word === 'denied') return word;
  throw new SkillosError('usage', `Invalid --approval ${JSON.stringify(given)}: expected approved or denied`);
}

export function retriesOf(text: string): number {
  const retries = /^\d{1,2}$/.test(text) ? Number(text) : undefined;
  if (retries !== undefined) return retries;
  throw new SkillosError(
    'usage',
    `Invalid --max-retries ${JSON.stringify(text)}: expected a whole number from 0 to 99`,
  );
}
