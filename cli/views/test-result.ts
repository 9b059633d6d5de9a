/** One result of a test or an eval, as progress. */
import type { TestResult } from '../../core/testing/skill-test.ts';
import { oneLine, plain } from './plain-text.ts';

export function resultLine({ kind, name, passed, message }: TestResult): string {
  const line = `${passed ? 'ok  ' : 'FAIL'} ${kind} ${oneLine(name)}`;
  const lines = message?.split('\n').map((text) => `     ${plain(text)}`) ?? [];
  return [line, ...lines].join('\n');
}
