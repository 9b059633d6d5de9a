/** What the use cases need of the world; the CLI and the server inject it. */
import type { Carried } from '../core/carried.ts';
import type { JsonValue } from '../core/json.ts';
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
  /** Unix milliseconds. */
  readonly now: () => number;
}
