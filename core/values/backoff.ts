/** Exponential backoff: the pause after each failed attempt is twice the one before, up to a maximum. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Returns the pause in milliseconds after `attempt`, counted from 0. `jitter`, in [0, 1), scales the pause by
 * 0.5 to 1.5, so that callers that failed together do not return together; 0.5 leaves it unchanged.
 */
export function backoffMs({ firstMs, maxMs }: Backoff, attempt: number, jitter = 0.5): number {
  return Math.min(firstMs * 2 ** attempt, maxMs) * (0.5 + jitter);
}
