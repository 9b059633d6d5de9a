/** Starts what the tests need for real: one Temporal server for all of them, or the run fails. */
import type { TemporalServer } from '../../temporal-dev/server.ts';
import { startServerInMemory } from './temporal-server.ts';

declare global {
  var testServer: TemporalServer | undefined;
}

export default async function globalSetup(): Promise<void> {
  globalThis.testServer = await startServerInMemory();
  process.env['SKILLOS_TEST_TEMPORAL'] = globalThis.testServer.address;
}
