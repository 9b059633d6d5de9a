/** What `skillos doctor` checks, and what it finds. */

/** A finding that an operator should act on. Without secrets. */
export interface Problem {
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

export interface Check {
  /** Such as `storage`; one word. */
  readonly name: string;
  /** Resolves to no problem if all is well. Rejects if what it checks cannot be reached. */
  readonly run: () => Promise<readonly Problem[]>;
}

export interface Diagnosis {
  readonly check: string;
  readonly problems: readonly Problem[];
}
