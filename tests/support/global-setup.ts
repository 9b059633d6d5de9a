/** Starts what the tests need for real: one Temporal server for all of them, or the run fails. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { parseConfig } from '../../core/config.ts';
import { resolveTemporalBinary } from '../../temporal-dev/binary.ts';
import { registerSearchAttributes } from '../../temporal-dev/search-attributes.ts';
import { startTemporalServer } from '../../temporal-dev/server.ts';
import type { TemporalServer } from '../../temporal-dev/server.ts';

declare global {
  var testServer: TemporalServer | undefined;
}

export default async function globalSetup(): Promise<void> {
  const config = parseConfig(process.env);
  const binary = await resolveTemporalBinary({
    config,
    env: process.env,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  const namespace = 'default';
  const logFile = join(mkdtempSync(join(tmpdir(), 'skillos-tests-')), 'temporal.log');
  const server = await startTemporalServer({
    binary,
    env: process.env,
    namespace,
    logFile,
    port: 0,
    uiPort: 0,
  });
  globalThis.testServer = server;
  const connection = await Connection.connect({ address: server.address });
  await registerSearchAttributes(connection, namespace);
  await connection.close();
  process.env['SKILLOS_TEST_TEMPORAL'] = server.address;
}
