/** What `skillos.d.ts` of a new root says, so that editors know the skill API without an install. */

/** The declarations of core/skill-api.ts as an ambient module; a test holds the two together. */
export const SKILL_TYPES = `declare module 'skillos' {
  export interface SkillContext {
    /** The run's id; also its Temporal workflow id. */
    readonly runId: string;
    /** Number of this step in the plan, from 1. */
    readonly step: number;
    /** From 1; above 1 when an earlier attempt failed or was lost. */
    readonly attempt: number;
    /** The same for every attempt of this step: hand it to what must not happen twice. */
    readonly idempotencyKey: string;
    readonly principal: {
      readonly subject: string;
      readonly roles: readonly string[];
    };
    /** Which models the budget allows: \`cheap\` when little of it is left. */
    readonly tier: 'standard' | 'cheap';
    /** Aborts when the run is cancelled or the step's timeout passes. */
    readonly signal: AbortSignal;
    /** Writes a line to the run's log. */
    log(message: string, fields?: Record<string, unknown>): void;
    /** Says that the skill still works; a number from 0 to 1 or any small JSON value shows as progress. */
    heartbeat(progress?: unknown): void;
  }
  /** \`payload\` is a string, or the validated object where the manifest has \`inputs\`; the result is any JSON value. */
  export type Skill<Payload = string, Result = unknown> = (
    payload: Payload,
    ctx: SkillContext,
  ) => Result | Promise<Result>;
  /** Throw it where trying again cannot help. */
  export class PermanentError extends Error {
    readonly name = 'PermanentError';
  }
  /** Throw it to be tried again, but not before \`seconds\` have passed. */
  export class RetryAfter extends Error {
    readonly name = 'RetryAfter';
    readonly seconds: number;
    constructor(seconds: number, message?: string);
  }
}
`;
