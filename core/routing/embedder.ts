/** The port to a model that turns texts into vectors, such that texts of similar meaning have similar vectors. */
export interface Embedder {
  /** Names the model; vectors of different models are never compared. */
  readonly id: string;
  /** Texts of one call at most. */
  readonly maxTexts: number;
  /** True for texts in a language of the model; absent if it knows all. */
  readonly understands?: (text: string) => boolean;
  /** Prepares the model, which takes seconds; absent if there is nothing to prepare. Rejects like `embed`. */
  readonly load?: () => Promise<void>;
  /**
   * Resolves to one vector of unit length for each text, in their order, all of the same length. Rejects with
   * `embeddings_failed` if the model is away or answers otherwise.
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]>;
}

/** Returns the vector at unit length; undefined unless all its numbers are finite and one of them is not 0. */
export function unitVector(values: readonly number[] | Float32Array): Float32Array | undefined {
  let squares = 0;
  for (const value of values) squares += value * value;
  const length = Math.sqrt(squares);
  return Number.isFinite(length) && length > 0
    ? Float32Array.from(values, (value) => value / length)
    : undefined;
}
