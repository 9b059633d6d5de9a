/** What the use cases need of the world; the CLI and the server inject it. */
import type { Carried } from '../core/carried.ts';
import type { JsonValue } from '../core/json.ts';
import type { Catalogs, Journal, Records } from '../core/ports.ts';
import type { Skills } from '../core/prepare.ts';

export interface ClientPorts {
  readonly catalogs: Catalogs;
  readonly records: Records;
  readonly journal: Journal;
  readonly values: {
    carry(value: JsonValue): Promise<Carried>;
    uncarry(carried: Carried): Promise<JsonValue>;
  };
  readonly checkValue: Skills['checkValue'];
  /** Unix milliseconds. */
  readonly now: () => number;
}
