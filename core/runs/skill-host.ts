/** Ports for freezing and running the code of skills. */
import type { LocalAttachment } from '../attachments/attachment.ts';
import type { ConnectorCall } from '../connectors/connector.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { ModelTier } from '../limits/budget.ts';
import type { FrozenStep } from '../plans/plan.ts';
import type { SeenSession } from '../sessions/session.ts';
import type { SkillEntry } from '../skills/catalog.ts';

/** Kind of the records of bundles in a storage that hosts share; the key is the content hash. */
export const BUNDLES_KIND = 'bundles';

/** What a record of a bundle holds beside its terms. */
export type SharedBundle = {
  /** Hash of the blob with the code. */
  readonly code: string;
  /** ISO 8601: when it was last frozen or deployed, exact to `TOUCH_AFTER_MS`. Absent in records of earlier releases. */
  readonly usedAt?: string;
};

/** Freezes the source of a skill as an immutable bundle. */
export interface SkillCode {
  /**
   * Bundles the entrypoint, all its imports and the schemas of the manifest, stores the bundle and returns its content
   * hash (SHA-256, lower-case hex). Cached until a source file changes. Rejects with
   * `entrypoint_invalid`, `code_invalid` or `path_outside_root`.
   */
  freeze(entry: SkillEntry): Promise<string>;
}

export interface SkillCall {
  readonly runId: string;
  readonly step: FrozenStep;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly principal: { readonly subject: string; readonly roles: readonly string[] };
  /** Default `standard`. */
  readonly tier?: ModelTier;
  /** The W3C trace context of this attempt; absent unless traces are sent. */
  readonly traceparent?: string;
  /** Absent for a run without a session. */
  readonly session?: SeenSession;
  readonly payload: JsonValue;
  /** Values of the secrets that the step declares, by key. They are masked in everything that the host hands out. */
  readonly secrets?: SkillSecrets;
  /** Default: none. */
  readonly attachments?: readonly LocalAttachment[];
}

/** Null for a secret that is not set. */
export type SkillSecrets = Readonly<Record<string, string | null>>;

export interface SkillHooks {
  readonly signal: AbortSignal;
  /** Called with each line of stdout, stderr and `ctx.log`. */
  onLog(line: SkillLogLine): void;
  onHeartbeat(progress: JsonValue): void;
  /**
   * Makes a connector call; rejects with a `SkillosError`. The signal aborts when nobody waits for the answer. `hosts` are those
   * that a package may reach, `host` or `host:port`; absent for the operator's own code.
   */
  readonly onConnectorCall?: (
    call: ConnectorCall,
    signal: AbortSignal,
    hosts?: readonly string[],
  ) => Promise<JsonValue>;
}

export interface SkillLogLine {
  /** `connector` for a call of a connector, which the worker reports. */
  readonly stream: 'stdout' | 'stderr' | 'log' | 'connector';
  readonly message: string;
  readonly fields?: JsonObject;
}

/** Runs frozen code outside the process of the caller. */
export interface SkillHost {
  /**
   * Resolves to the result of the skill as JSON text, or rejects with a `SkillosError` whose code is one of
   * `skill_failed` (details: `{name, permanent?, retry_after_ms?}`), `skill_timeout`, `skill_out_of_memory`,
   * `skill_crashed`, `skill_output_too_large`, `skill_output_invalid`, `code_unavailable`, `run_cancelled`, or the
   * code of a connector call whose failure the skill did not catch.
   */
  run(call: SkillCall, hooks: SkillHooks): Promise<string>;
  close(): Promise<void>;
}
