/** Confusions of the router as a table, below other text. */
import type { Confusions } from '../../core/routing/confusions.ts';
import { oneLine } from './plain-text.ts';
import { renderTable } from './table.ts';

export function confusionsText({ pairs, leftOut }: Confusions): readonly string[] {
  if (pairs.length === 0) return ['', 'no_confusions'];
  const rows = pairs.map(({ expected, routed, count, examples }) => [
    String(count),
    expected,
    routed,
    oneLine(examples[0] ?? ''),
  ]);
  const more = leftOut === 0 ? [] : [`and ${leftOut} more`];
  return ['', ...renderTable(['QUERIES', 'EXPECTED', 'ROUTED', 'EXAMPLE'], rows), ...more];
}
