/** The ports of the use cases in client/; the CLI and the server inject them. */
import type { Carried } from '../core/values/carried.ts';
import type { JsonValue } from '../core/json.ts';
import type { Signers } from '../core/runs/signers.ts';
import type { LoadSchemas } from '../core/preparing/request-checks.ts';
import type { Catalogs } from '../core/skills/catalog.ts';
import type { Journal } from '../core/storage/journal.ts';
import type { Records } from '../core/storage/records.ts';

export interface ClientPorts extends Signers {
  readonly catalogs: Catalogs;
  readonly records: Records;
  readonly journal: Journal;
  /** Stores large values by reference; small ones travel inline. */
  readonly values: {
    carry(value: JsonValue): Promise<Carried>;
    uncarry(carried: Carried): Promise<JsonValue>;
  };
  readonly loadSchemas: LoadSchemas;
  /** Unix milliseconds. */
  readonly now: () => number;
}
