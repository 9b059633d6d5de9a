/** What the activities of one worker need of the world. */
import type { Blobs, Catalogs, Journal, LoadSchemas, Records, SkillCode, SkillHost } from '../core/ports.ts';

export interface WorkerPorts {
  readonly catalogs: Catalogs;
  readonly code: SkillCode;
  readonly host: SkillHost;
  readonly records: Records;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly loadSchemas: LoadSchemas;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly parallelLimit: number;
}
