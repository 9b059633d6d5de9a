/** What the activities of one worker need of the world. */
import type { Blobs, Catalogs, Journal, Records, SkillCode, SkillHost } from '../core/ports.ts';
import type { Skills } from '../core/prepare.ts';

export interface WorkerPorts {
  readonly catalogs: Catalogs;
  readonly code: SkillCode;
  readonly host: SkillHost;
  readonly records: Records;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly checkValue: Skills['checkValue'];
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly parallelLimit: number;
}
