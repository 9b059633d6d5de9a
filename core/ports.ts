/** What the core and the use cases need of the world; adapters fulfil it, tests fake it. */
import type { ApprovalFile } from './approval-file.ts';
import type { ModelTier } from './budget.ts';
import type { Catalog, SkillEntry } from './catalog.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { PermissionFile } from './permission-file.ts';
import type { FrozenStep } from './plan.ts';
import type { SchemaIssue } from './refuse.ts';
import type { SkillId } from './skill-id.ts';
import type { TelemetryEvent } from './telemetry.ts';

/**
 * Documents by kind and key. `update` is atomic over all processes of the deployment: `change` sees the latest
 * document and what it returns is stored and durable when the promise resolves; returning the same object (===)
 * writes nothing, returning `undefined` removes it. `change` must be pure: it may be called again after a conflict.
 * Kinds match `[a-z][a-z0-9-]{0,39}`, keys `[A-Za-z0-9][A-Za-z0-9._-]{0,199}`; no two keys of a kind may differ in case
 * alone, which some file systems cannot tell apart. A document that does not parse rejects with `state_corrupt`.
 */
export interface Records {
  get<T extends JsonObject>(kind: string, key: string): Promise<T | undefined>;
  update<T extends JsonObject>(
    kind: string,
    key: string,
    change: (current: T | undefined) => T | undefined,
  ): Promise<T | undefined>;
  /** In order of the keys' bytes; pages by `after` (exclusive), which need not be the key of a document. */
  list<T extends JsonObject>(kind: string, page?: ListPage): Promise<readonly Stored<T>[]>;
}

export interface ListPage {
  readonly after?: string;
  /** At most this many; default 100. */
  readonly limit?: number;
  readonly descending?: boolean;
}

export interface Stored<T> {
  readonly key: string;
  readonly value: T;
}

/**
 * Append-only logs, named by up to 8 parts like a record's key, joined by `/`. An entry is one JSON object. `append`
 * keeps the order of one caller, awaited or not, and is durable when it resolves; what a failed one left is never read
 * as an entry unless it is whole.
 */
export interface Journal {
  append(log: string, entries: readonly JsonObject[]): Promise<void>;
  /**
   * Entries after position `after`: 0 is the start, any other must be a `next` of this log. A long log comes in pieces:
   * read on from `next` until it equals `after`. A line that is no entry rejects with `state_corrupt`; where `onCorrupt`
   * is given, it is told instead and the line is passed over.
   */
  read(
    log: string,
    after?: number,
    onCorrupt?: () => void,
  ): Promise<{ readonly entries: readonly JsonObject[]; readonly next: number }>;
}

/** Lines for operators. */
export interface EventLog {
  /** Returns at once and never throws: work is not to wait for its log, or to fail because of it. */
  emit(event: TelemetryEvent): void;
  /** Resolves when what was emitted is written, or cannot be. */
  close(): Promise<void>;
}

/** Values by the SHA-256 (lower-case hex) of their bytes. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<string>;
  /** Rejects with `blob_unavailable` where there is none. */
  get(hash: string): Promise<Uint8Array>;
}

/** The skills of one root; every call sees edits made before it. */
export interface Catalogs {
  /** All skills and all findings. Never rejects because of one broken file. */
  load(): Promise<Catalog>;
  /** Cheap: changes whenever a manifest is added, edited or removed, without parsing any. Equals `Catalog.version`. */
  fingerprint(): Promise<string>;
  /** One skill without reading the others; `undefined` where there is none or its file is broken. */
  find(id: SkillId): Promise<SkillEntry | undefined>;
}

/**
 * Rewrites fields of a skill's manifest, removes those that are `undefined`, and keeps everything else as it stands.
 * Rejects with `manifest_invalid`, the file untouched, where that cannot be done.
 */
export type EditManifest = (
  entry: SkillEntry,
  changes: Readonly<Record<string, string | boolean | undefined>>,
) => Promise<void>;

/** What the operator of a root allows; every call sees edits made before it. */
export interface Policies {
  permissions(): Promise<PermissionFile>;
  approvals(): Promise<ApprovalFile>;
  /** Changes whenever one of the files does; a SHA-256. */
  version(): Promise<string>;
}

/** Checks values against JSON Schemas; loaded by need, because the checker is large. */
export type LoadSchemas = () => Promise<{
  readonly checkValue: (schema: JsonValue, value: JsonValue) => readonly SchemaIssue[];
}>;

/** Turns a skill's source into an immutable bundle. */
export interface SkillCode {
  /**
   * Bundles the entrypoint with all it imports together with the manifest's schemas, stores the bundle and returns
   * its content hash (SHA-256, lower-case hex); cached while no source file changed. Rejects with
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
  readonly payload: JsonValue;
}

export interface SkillHooks {
  readonly signal: AbortSignal;
  /** One line of the skill's stdout or stderr, or of `ctx.log`. */
  onLog(line: SkillLogLine): void;
  onHeartbeat(progress: JsonValue): void;
}

export interface SkillLogLine {
  readonly stream: 'stdout' | 'stderr' | 'log';
  readonly message: string;
  readonly fields?: JsonObject;
}

/** Runs frozen code away from the caller's event loop. */
export interface SkillHost {
  /**
   * Resolves to what the skill returned as JSON text, or rejects with a `SkillosError` whose code is one of
   * `skill_failed` (details: `{name, permanent?, retry_after_ms?}`), `skill_timeout`, `skill_out_of_memory`,
   * `skill_crashed`, `skill_output_too_large`, `skill_output_invalid`, `code_unavailable`, `run_cancelled`.
   */
  run(call: SkillCall, hooks: SkillHooks): Promise<string>;
  close(): Promise<void>;
}
