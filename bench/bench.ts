/** A benchmark of `npm run bench -- <name>`. */
export interface Bench {
  readonly summary: string;
  /** Resolves to the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}
