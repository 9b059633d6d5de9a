/** The input of `submit`, its ports, and its outcome. */
import type { Decision, DecisionWord } from '../../core/approvals/approval.ts';
import type { JobAsk } from '../../core/jobs/job-terms.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { PlanFile } from '../../core/preparing/plan-file.ts';
import type { RequestedStep, Plan } from '../../core/plans/plan.ts';
import type { Routing } from '../../core/routing/routing.ts';
import type { RunParts } from '../../core/runs/run-document.ts';
import type { RunRecord, RunStatus } from '../../core/runs/run.ts';
import type { Segment } from '../../core/splitting/interpretation.ts';
import type { Mode } from '../../core/splitting/segments.ts';
import type { EventBody } from '../../core/telemetry/events.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import type { Decided } from '../approvals/approvals.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { Previewed, PreviewPorts } from './preview.ts';
import type { Rerun, RerunRequest } from './rerun.ts';
import type { Caller } from '../../core/rights/caller.ts';
import type { ReadFeedback } from '../learning/read-feedback.ts';
import type { Answer } from '../learning/answers.ts';
import type { CachedRoutingFor } from './route.ts';

export interface Submission {
  readonly wanted: Wanted;
  /** Called at the first use of the payload; undefined means the default of `wanted`. */
  readonly payload: () => Promise<JsonValue | undefined>;
  /** The caller, and the channel of the request. */
  readonly actor: Actor & { readonly way: Decision['via'] };
  readonly options: SubmitOptions;
  readonly waiting: Waiting;
}

export type Wanted =
  | {
      readonly kind: 'query';
      readonly text: string;
      /** Only skills with one of these tags; all skills if empty. */
      readonly tags: readonly string[];
      readonly mode: Mode;
      /** Replaces the router's choice; only with mode `single`. */
      readonly skill?: SkillId | undefined;
      /** If false, the query is only routed. */
      readonly isExecuted: boolean;
    }
  | { readonly kind: 'skill'; readonly skill: SkillId }
  | { readonly kind: 'steps'; readonly plan: Plan<RequestedStep> }
  | ({ readonly kind: 'rerun'; readonly runId: string } & RerunRequest);

export interface SubmitOptions {
  /** Nothing is started, reserved or charged. */
  readonly isDryRun?: boolean;
  readonly maxRetries?: number | undefined;
  /** The run pauses before each step. */
  readonly stepThrough?: boolean;
  /** Disables the rollback of completed steps after a failure. */
  readonly noRollback?: boolean | undefined;
  /** Enqueues the plan as a job; `waiting` is `none` then. */
  readonly job?: JobAsk | undefined;
  readonly idempotencyKey?: string | undefined;
  /** The session that the run joins; it is made if there is none. */
  readonly sessionId?: string | undefined;
  /** The run starts only if its plan is equal to this one. */
  readonly expected?: ExpectedPlan | undefined;
  /** The caller's decision, with the approval token, if the run requires an approval. */
  readonly decision?: { readonly decision: DecisionWord; readonly token: string | undefined } | undefined;
  /** A ULID: the run's id ends with it, so that the logs of request and run can be joined. */
  readonly requestId?: string | undefined;
}

export type ExpectedPlan =
  { readonly kind: 'digest'; readonly digest: string } | { readonly kind: 'file'; readonly file: PlanFile };

/** The way in which the entrance waits for its run. */
export type Waiting =
  | { readonly kind: 'none' }
  /** Waits until the run has ended or waits for people, at most `seconds`; ends when `signal` aborts. */
  | { readonly kind: 'close'; readonly seconds?: number; readonly signal: () => AbortSignal }
  /** `follow` reads the history and displays it. */
  | { readonly kind: 'history'; readonly follow: Follow };

export type Follow = (started: {
  readonly temporal: Temporal;
  readonly runId: string;
  readonly isReplayed: boolean;
  /** Applies the caller's decision to a waiting run; resolves to undefined if the caller has sent none. */
  readonly decide: (record: RunRecord) => Promise<Decided['outcome'] | undefined>;
}) => Promise<Followed>;

/** The end of following: with the end of the run, or before it. */
export type Followed =
  | { readonly how: 'ended'; readonly parts: RunParts }
  | { readonly how: 'waiting'; readonly parts: RunParts }
  | { readonly how: 'timeout' }
  | { readonly how: 'interrupted' };

export interface SubmitPorts {
  readonly ports: ClientPorts;
  readonly temporal: TemporalAccess;
  /** Used for queries only. */
  readonly routing: () => Promise<RoutingPorts>;
  /** Used for dry runs and expected plans only. */
  readonly previews: () => Promise<PreviewPorts>;
  /** Receives events of the request; `at` is in Unix milliseconds, default now. */
  readonly emit: (bodies: readonly EventBody[], at?: number) => void;
  /** Returns the W3C trace context of the request, for the run that is about to start; undefined unless traces are sent. */
  readonly traceparent?: (() => string) | undefined;
  /** Lifetime of an idempotency key. */
  readonly idempotencyTtlSeconds: number;
  /** How many messages a session keeps. */
  readonly sessionKeepLast: number;
}

/** A connection to Temporal that is made at the first use. */
export interface TemporalAccess {
  /** For a call that returns at once. */
  use<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result>;
  /** For a call that waits for an event. */
  hold<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result>;
}

export interface RoutingPorts extends Omit<CachedRoutingFor, 'query' | 'rights' | 'corrections'> {
  /** Absent if the router decides alone. */
  readonly feedback?: ReadFeedback;
  /** Remembers the query of the caller for feedback, and counts the answer. */
  readonly onAnswered?: (caller: Caller, answer: Answer) => Promise<void>;
  /** From 0 to 1; a lower confidence gives the status `low_confidence`. */
  readonly minConfidence: number;
  readonly onRouted?: (status: Routing['status'], seconds: number) => void;
}

/** Callbacks during a submission. */
export interface SubmitHooks {
  /** Called when the search for the plan has ended, before anything starts. */
  readonly onFound?: (found: Found) => void;
  /** Chooses among skills with low confidence; without it none of them runs. */
  readonly choose?: (routing: Routing) => Promise<SkillId | undefined>;
}

/** A plan, and how it was found. */
export type Found =
  | ({ readonly kind: 'routing'; readonly routing: Routing } & Routed)
  | ({ readonly kind: 'parts'; readonly plan: Plan<Segment> } & Routed)
  | { readonly kind: 'named'; readonly plan: Plan<RequestedStep> }
  | {
      readonly kind: 'rerun';
      readonly run: RunRecord;
      readonly rerun: Rerun;
      readonly document: JsonObject;
    };

/** A plan from a routed query. */
export type FoundByWords = Extract<Found, Routed>;

interface Routed {
  readonly query: string;
  /** Duration of routing. */
  readonly ms: number;
  /** Absent in mode `single`. */
  readonly split?: { readonly mode: Mode; readonly reasons: readonly string[] };
}

/** The end of a submission; `document` contains the fields that describe how the plan was found. */
export type Outcome =
  /** Only routing was requested, or no skill was found with confidence. */
  | { readonly kind: 'found'; readonly found: FoundByWords }
  | { readonly kind: 'previewed'; readonly previewed: Previewed; readonly document: JsonObject }
  /** The run has ended, or waits for people. */
  | (Started & { readonly kind: 'stopped'; readonly how: 'ended' | 'waiting'; readonly parts: RunParts })
  /** The run continues without its caller. */
  | (Started & {
      readonly kind: 'going_on';
      readonly how: 'left' | 'timeout' | 'interrupted';
      readonly status: RunStatus;
      /** URL in the Temporal Web UI; undefined if unknown. */
      readonly url?: string | undefined;
    });

interface Started {
  readonly runId: string;
  /** An earlier request with the same idempotency key has started the run. */
  readonly isReplayed: boolean;
  /** From the start of the run to this outcome. */
  readonly seconds: number;
  readonly document: JsonObject;
}
