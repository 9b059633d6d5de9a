/** What the activities of one worker need of the world. */
import type {
  Blobs,
  Catalogs,
  EventLog,
  Journal,
  LoadSchemas,
  Policies,
  Records,
  SkillCode,
  SkillHost,
} from '../core/ports.ts';
import type { Gather } from '../adapters/gathering.ts';
import type { LimitSettings } from '../core/limits.ts';
import type { Trust } from '../core/request-signature.ts';

export interface WorkerPorts {
  readonly catalogs: Catalogs;
  readonly code: SkillCode;
  readonly host: SkillHost;
  readonly records: Records;
  readonly journal: Journal;
  readonly events: EventLog;
  readonly blobs: Blobs;
  readonly loadSchemas: LoadSchemas;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly parallelLimit: number;
  readonly policies: Policies;
  readonly trust: Trust;
  readonly limits: LimitSettings;
  /** What decisions must prove to know, where this deployment has one. */
  readonly approvalToken?: string | undefined;
  /** Whether a run has ended or is unknown to Temporal, so that what it holds can be taken back. */
  readonly isGone: (runId: string) => Promise<boolean>;
  readonly gather: Gather;
  /**
   * For work that nobody waits for, and that is lost with the worker at worst; an orderly end waits for it a while, and
   * then asks it by the signal to try no more.
   */
  readonly aside: (work: (signal: AbortSignal) => Promise<unknown>) => void;
}
