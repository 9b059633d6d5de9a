/**
 * Sparse rows of features and their inverted index (postings), in typed arrays: small on disk, and read without parsing.
 * The type assertions hold because all positions come from the arrays themselves.
 */

/** Features (32-bit hashes) of one text, in any order, with repetitions. */
export interface FeatureList {
  readonly features: readonly number[];
  /** Weights of the features; default 1 each. */
  readonly values?: readonly number[];
}

/** Rows of features in compressed sparse row format; row `i` is from `starts[i]` to `starts[i + 1]`. */
export interface SparseRows {
  /** The feature of each column, ascending. */
  readonly vocabulary: Uint32Array;
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/** Inverted index: for each feature the rows that contain it, with values. */
export interface Postings {
  readonly vocabulary: Uint32Array;
  /** Weight of one occurrence in a query; rarer features weigh more. */
  readonly rarity: Float32Array;
  /** Weight of a feature that no row contains. */
  readonly rarest: number;
  /** Rows of feature `i` are from `starts[i]` to `starts[i + 1]`, ascending. */
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
  readonly values: Float32Array;
}

/** Rarity of features. */
export type Weighting = Pick<Postings, 'rarity' | 'rarest'>;

/** Builds one row per list; the values of a repeated feature are added. */
export function sparseRows(lists: readonly FeatureList[]): SparseRows {
  const columnOf = new Map<number, number>();
  const starts = [0];
  const columns: number[] = [];
  const values: number[] = [];
  /** Last position of each column. */
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

/** Number of rows that contain each column. */
export function columnFrequencies(rows: SparseRows): Uint32Array {
  const frequencies = new Uint32Array(rows.vocabulary.length);
  for (const column of rows.columns) frequencies[column] = (frequencies[column] as number) + 1;
  return frequencies;
}

/** Builds the inverted index. A feature of more than `longest` rows keeps its rarity and loses its rows. */
export function invert(matrix: SparseRows, weighting: Weighting, longest = Infinity): Postings {
  const { vocabulary, columns, values } = matrix;
  const starts = new Uint32Array(vocabulary.length + 1);
  columnFrequencies(matrix).forEach((frequency, column) => {
    starts[column + 1] = (starts[column] as number) + (frequency > longest ? 0 : frequency);
  });
  const next = starts.slice();
  const total = starts[vocabulary.length] as number;
  const postings = {
    vocabulary,
    ...weighting,
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

/** Binary search in ascending `sorted` from `from` to `to` (exclusive). Returns -1 if `value` is missing. */
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
