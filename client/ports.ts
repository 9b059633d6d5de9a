/** What the use cases need of the world; the CLI and the server inject it. */
import type { Decision } from '../core/approval.ts';
import type { Carried } from '../core/carried.ts';
import type { JsonValue } from '../core/json.ts';
import type { RunRequest } from '../core/run.ts';
import type { Catalogs, Journal, LoadSchemas, Records } from '../core/ports.ts';

export interface ClientPorts {
  readonly catalogs: Catalogs;
  readonly records: Records;
  readonly journal: Journal;
  readonly values: {
    carry(value: JsonValue): Promise<Carried>;
    uncarry(carried: Carried): Promise<JsonValue>;
  };
  readonly loadSchemas: LoadSchemas;
  /** Signs what is asked of a worker, where this deployment has a server key. */
  readonly sign?: (runId: string, request: RunRequest) => string;
  readonly signDecision?: (runId: string, decision: Decision) => string;
  /** Unix milliseconds. */
  readonly now: () => number;
}
