/** The ports of the activities of one worker. */
import type { Definitions } from '../adapters/preparing/snapshot.ts';
import type { AttachmentBytes } from '../core/attachments/attachment-records.ts';
import type { CallReport, ConnectorHost } from '../core/connectors/connector.ts';
import type { SkillHost, SkillSecrets } from '../core/runs/skill-host.ts';
import type { LoadSchemas } from '../core/preparing/request-checks.ts';
import type { Policies } from '../core/preparing/policies.ts';
import type { Catalogs } from '../core/skills/catalog.ts';
import type { Notice } from '../core/telemetry/notice.ts';
import type { EventLog } from '../core/telemetry/events.ts';
import type { Tracing } from '../core/telemetry/tracing.ts';
import type { Blobs } from '../core/storage/blobs.ts';
import type { Journal } from '../core/storage/journal.ts';
import type { Records } from '../core/storage/records.ts';
import type { ConcurrencySlots } from './steps/slots.ts';
import type { GroupOutputs } from './fast-path/group-outputs.ts';
import type { LimitSettings } from '../core/limits/limits.ts';
import type { Trust } from '../core/rights/trust.ts';

export interface WorkerPorts {
  readonly catalogs: Catalogs;
  /** Those of one state of the skills root, for `prepare`. */
  readonly definitions: () => Promise<Definitions>;
  readonly host: SkillHost;
  readonly connectors: ConnectorHost;
  /** Resolves to the deployment that a run was prepared from; to undefined for one of a folder. */
  readonly deploymentOf: (runId: string) => Promise<string | undefined>;
  /** Counts a connector call; absent without metrics. */
  readonly connectorCalled?: ((report: CallReport) => void) | undefined;
  /** True if connector calls are kept with arguments and answers. */
  readonly recordCalls: boolean;
  /** Resolves secrets that a skill declares, each time again. */
  readonly skillSecrets: (skill: string, keys: readonly string[]) => SkillSecrets;
  readonly records: Records;
  readonly journal: Journal;
  readonly events: EventLog;
  /** Absent unless traces are sent. */
  readonly tracing?: Tracing | undefined;
  readonly blobs: Blobs;
  readonly attachments: AttachmentBytes;
  readonly loadSchemas: LoadSchemas;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly parallelLimit: number;
  readonly policies: Policies;
  readonly trust: Trust;
  readonly limits: LimitSettings;
  /** The token that decisions must prove to know, if the deployment has one. */
  readonly approvalToken?: string | undefined;
  /** True if a run has ended or is unknown to Temporal, so that its reservation can be released. */
  readonly isGone: (runId: string) => Promise<boolean>;
  readonly groupOutputs: GroupOutputs;
  /** That of the API, without a slash at its end, for links in notices. */
  readonly publicUrl?: string | undefined;
  readonly slots: ConcurrencySlots;
  /** Begins to deliver a notice; absent without a webhook for notices. Nothing waits for the delivery. */
  readonly notify?: ((notice: Notice) => void) | undefined;
  /**
   * Begins a task that no caller waits for and that may be lost with the worker. A shutdown waits for it for some seconds,
   * then aborts the signal.
   */
  readonly background: (work: (signal: AbortSignal) => Promise<unknown>) => void;
}
