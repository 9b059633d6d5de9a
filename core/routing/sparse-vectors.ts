/**
 * Operations on sparse rows: weighting by rarity, normalization, averages.
 * The type assertions hold because all positions come from the arrays themselves.
 */
import { columnFrequencies } from './postings.ts';
import type { SparseRows, Weighting } from './postings.ts';

/** Exponent below 1: raises the weight of words that occur in few examples of a skill. Fitted with routing-index.ts. */
const DAMPING = 0.7;

/** Rarity ln(1 + N/n), which is above zero also for features of all rows. */
export function logWeighting(rows: SparseRows): Weighting {
  return weighting(rows, (total, frequency) => Math.log(1 + total / frequency));
}

/** Rarity of BM25, which is near zero for features of most rows. */
export function bm25Weighting(rows: SparseRows): Weighting {
  return weighting(rows, (total, frequency) => Math.log(1 + (total - frequency + 0.5) / (frequency + 0.5)));
}

function weighting(rows: SparseRows, rarityOf: (total: number, frequency: number) => number): Weighting {
  const total = rows.starts.length - 1;
  const rarity = Float32Array.from(columnFrequencies(rows), (frequency) => rarityOf(total, frequency));
  return { rarity, rarest: rarityOf(Math.max(total, 1), 1) };
}

/** Weight of a feature that occurs `count` times in a text. */
export function termWeight(count: number, rarity: number): number {
  return (1 + Math.log(count)) * rarity;
}

/** Converts counts to weights and normalizes each row to unit length. */
export function unitRows(rows: SparseRows, { rarity }: Weighting): SparseRows {
  const values = rows.values.map((count, at) =>
    termWeight(count, rarity[rows.columns[at] as number] as number),
  );
  for (let row = 0; row + 1 < rows.starts.length; row++) {
    const own = values.subarray(rows.starts[row], rows.starts[row + 1]);
    const length = lengthOf(own);
    for (let at = 0; at < own.length; at++) own[at] = (own[at] as number) / length;
  }
  return { ...rows, values };
}

/** Multiplies row `i` by `factors[i]`. */
export function scaledRows(rows: SparseRows, factors: readonly number[]): SparseRows {
  const values = rows.values.slice();
  factors.forEach((factor, row) => {
    const own = values.subarray(rows.starts[row], rows.starts[row + 1]);
    own.forEach((value, at) => (own[at] = value * factor));
  });
  return { ...rows, values };
}

/**
 * Averages groups of consecutive rows (group `i` has `sizes[i]` rows) and divides by the expected score of a similar
 * text, so that groups with few or many, similar or varied rows are comparable.
 */
export function groupedRows(rows: SparseRows, sizes: readonly number[]): SparseRows {
  const sums = new Float32Array(rows.vocabulary.length);
  const starts = [0];
  const columns: number[] = [];
  const values: number[] = [];
  let row = 0;
  for (const size of sizes) {
    const own = sumRows(rows, { sums, from: row, to: row + size });
    const averages = own.map((column) => (sums[column] as number) / size);
    const damped = averages.map((average) => average ** DAMPING);
    const scale = lengthOf(averages) * lengthOf(damped);
    own.forEach((column, index) => {
      columns.push(column);
      values.push((damped[index] as number) / scale);
      sums[column] = 0;
    });
    row += size;
    starts.push(columns.length);
  }
  return {
    vocabulary: rows.vocabulary,
    starts: Uint32Array.from(starts),
    columns: Uint32Array.from(columns),
    values: Float32Array.from(values),
  };
}

/** Adds rows `from` to `to` to `sums`, and returns their columns. */
function sumRows(rows: SparseRows, group: { sums: Float32Array; from: number; to: number }): number[] {
  const { sums } = group;
  const touched: number[] = [];
  const end = rows.starts[group.to] as number;
  for (let at = rows.starts[group.from] as number; at < end; at++) {
    const column = rows.columns[at] as number;
    if (sums[column] === 0) touched.push(column);
    sums[column] = (sums[column] as number) + (rows.values[at] as number);
  }
  return touched;
}

function lengthOf(values: Iterable<number>): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares) || 1;
}
