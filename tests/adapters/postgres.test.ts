/** The three ports on a real Postgres keep the law that they keep on files. */
import { openPostgresJournal } from '../../adapters/postgres-journal.ts';
import { openPostgresRecords } from '../../adapters/postgres-records.ts';
import { openPostgres } from '../../adapters/postgres.ts';
import type { Postgres } from '../../adapters/postgres.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { bundledScript } from '../support/processes.ts';
import { journalLaw, sharedJournalLaw } from './journal.testsuite.ts';
import { recordsLaw, sharedRecordsLaw } from './records.testsuite.ts';

let server: TestPostgres;
let worker = '';
const opened: Postgres[] = [];

beforeAll(async () => {
  [server, worker] = await Promise.all([
    startPostgres(),
    bundledScript(new URL('../support/state-worker.ts', import.meta.url)),
  ]);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

let schemas = 0;
/** A schema of its own. */
function emptyStore() {
  const options = { dsn: server.dsn, schema: `Store_${++schemas}` };
  const database = openPostgres(options);
  opened.push(database);
  return { database, backend: 'postgres', location: JSON.stringify(options) };
}

const store = {
  open: async () => {
    const { database, ...shared } = emptyStore();
    return { records: openPostgresRecords(database), journal: openPostgresJournal(database), ...shared };
  },
  worker: () => worker,
};

recordsLaw({ open: async () => (await store.open()).records });
sharedRecordsLaw(store);
journalLaw({ open: async () => (await store.open()).journal });
sharedJournalLaw(store);
