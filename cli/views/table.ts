/** Tables: whole in a pipe, on a terminal as wide as its lines. */
import type { CliContext } from '../context.ts';
import { cut, terminalOf, widthOf } from './live-line.ts';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Returns the table, or where a terminal is too narrow for it, `compact`. What is still too wide loses the ends of its widest
 * cells, except those of the first column, which people copy.
 */
export function tableFor(
  { isPiped, stdout, env }: Pick<CliContext, 'isPiped' | 'stdout' | 'env'>,
  table: Table,
  compact: () => Table = () => table,
): readonly string[] {
  if (isPiped) return renderTable(table.head, table.rows);
  const { columns, hasUnicode } = terminalOf(stdout, env);
  if (tableWidth(widthsOf(table)) <= columns) return renderTable(table.head, table.rows);
  const used = withoutEmptyColumns(compact());
  const widths = fitted(widthsOf(used), columns);
  const end = hasUnicode ? '…' : '...';
  const fit = (row: readonly string[]) => row.map((cell, column) => cut(cell, widths[column] ?? 0, end));
  return renderTable(fit(used.head), used.rows.map(fit));
}

/** Pads columns to their widest cell, except for the last one. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const lines = [head, ...rows];
  const padded = lines.map((row) => row.slice(0, -1).map(widthOf));
  const widths = widest(padded);
  return lines.map((row, line) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - (padded[line]?.[column] ?? 0)))
      .join(GAP)
      .trimEnd(),
  );
}

const GAP = '  ';
/** A cell is not cut below this width. */
const NARROWEST = 4;

function widthsOf({ head, rows }: Table): readonly number[] {
  return widest([head, ...rows].map((row) => row.map(widthOf)));
}

/** Returns the largest width of each column. */
function widest(lines: readonly (readonly number[])[]): readonly number[] {
  const [head = []] = lines;
  return head.map((_, column) => lines.reduce((most, line) => Math.max(most, line[column] ?? 0), 0));
}

function tableWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
}

function withoutEmptyColumns({ head, rows }: Table): Table {
  const isUsed = head.map((_, column) => rows.some((row) => row[column] !== ''));
  const used = (row: readonly string[]) => row.filter((_, column) => isUsed[column]);
  return { head: used(head), rows: rows.map(used) };
}

/** Narrows the widest columns but the first; of equal ones the last. */
function fitted(widths: readonly number[], columns: number): readonly number[] {
  const all = [...widths];
  for (let excess = tableWidth(all) - columns; excess > 0; excess--) {
    const widest = Math.max(...all.slice(1));
    if (widest <= NARROWEST) break;
    all[all.lastIndexOf(widest)] = widest - 1;
  }
  return all;
}
