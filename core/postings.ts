/**
 * Sparse rows of features and their inverted index, in typed arrays: small on disk, no parsing when read back.
 * The assertions hold because every position comes from the arrays themselves.
 */

/** Features (32-bit hashes) of one text, in any order and as often as they stand there. */
export interface FeatureList {
  readonly features: readonly number[];
  /** What each of them counts, where that is not 1. */
  readonly values?: readonly number[];
}

/** Rows of features; row `i` stands from `starts[i]` to `starts[i + 1]`. */
export interface SparseRows {
  /** The feature behind each column, ascending. */
  readonly vocabulary: Uint32Array;
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/** Feature → the rows that have it, and its value there. */
export interface Postings {
  readonly vocabulary: Uint32Array;
  /** What one occurrence in a query is worth: the rarer the feature, the more. */
  readonly rarity: Float32Array;
  /** The rarity of what no row has. */
  readonly rarest: number;
  /** Rows of feature `i` stand from `starts[i]` to `starts[i + 1]`, ascending. */
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
  readonly values: Float32Array;
}

/** How rare the features of some rows are. */
export type Weighing = Pick<Postings, 'rarity' | 'rarest'>;

/** One row a list; a feature that stands there several times has the sum of its values. */
export function sparseRows(lists: readonly FeatureList[]): SparseRows {
  const columnOf = new Map<number, number>();
  const starts = [0];
  const columns: number[] = [];
  const values: number[] = [];
  /** Where each column stood last. */
  const latest: number[] = [];
  for (const list of lists) {
    const start = columns.length;
    list.features.forEach((feature, at) => {
      const value = list.values?.[at] ?? 1;
      let column = columnOf.get(feature);
      if (column === undefined) columnOf.set(feature, (column = columnOf.size));
      const position = latest[column];
      if (position !== undefined && position >= start) {
        values[position] = (values[position] as number) + value;
      } else {
        latest[column] = columns.push(column) - 1;
        values.push(value);
      }
    });
    starts.push(columns.length);
  }
  const vocabulary = Uint32Array.from(columnOf.keys()).sort();
  const rank = new Uint32Array(vocabulary.length);
  vocabulary.forEach((feature, index) => (rank[columnOf.get(feature) as number] = index));
  return {
    vocabulary,
    starts: Uint32Array.from(starts),
    columns: Uint32Array.from(columns).map((column) => rank[column] as number),
    values: Float32Array.from(values),
  };
}

/** How many rows have each column. */
export function columnFrequencies(rows: SparseRows): Uint32Array {
  const frequencies = new Uint32Array(rows.vocabulary.length);
  for (const column of rows.columns) frequencies[column] = (frequencies[column] as number) + 1;
  return frequencies;
}

/** A feature of more than `longest` rows keeps its rarity but no rows: it says little and would cost most. */
export function invert(matrix: SparseRows, weighing: Weighing, longest = Infinity): Postings {
  const { vocabulary, columns, values } = matrix;
  const starts = new Uint32Array(vocabulary.length + 1);
  columnFrequencies(matrix).forEach((frequency, column) => {
    starts[column + 1] = (starts[column] as number) + (frequency > longest ? 0 : frequency);
  });
  const next = starts.slice();
  const total = starts[vocabulary.length] as number;
  const postings = {
    vocabulary,
    ...weighing,
    starts,
    rows: new Uint32Array(total),
    values: new Float32Array(total),
  };
  for (let row = 0; row + 1 < matrix.starts.length; row++) {
    const end = matrix.starts[row + 1] as number;
    for (let at = matrix.starts[row] as number; at < end; at++) {
      const column = columns[at] as number;
      if (starts[column] === starts[column + 1]) continue;
      const to = next[column] as number;
      next[column] = to + 1;
      postings.rows[to] = row;
      postings.values[to] = values[at] as number;
    }
  }
  return postings;
}

/** Position of `value` in ascending `sorted` between `from` and `to` (exclusive), or -1. */
export function indexOfSorted(
  sorted: Uint32Array,
  value: number,
  within = { from: 0, to: sorted.length },
): number {
  let low = within.from;
  let high = within.to - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] as number;
    if (found === value) return middle;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
