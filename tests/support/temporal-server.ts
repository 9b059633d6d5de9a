/** A Temporal server in memory, on ports of its own, for tests and benchmarks. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../core/settings/config.ts';
import { resolveTemporalBinary } from '../../temporal-dev/binary.ts';
import { startServerWithAttributes } from '../../temporal-dev/server.ts';
import type { TemporalServer } from '../../temporal-dev/server.ts';

export async function startServerInMemory(): Promise<TemporalServer> {
  const { env } = process;
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  const binary = await resolveTemporalBinary({ config: parseConfig(env), env, onProgress });
  const logFile = join(mkdtempSync(join(tmpdir(), 'skillos-temporal-')), 'temporal.log');
  return startServerWithAttributes({ binary, env, namespace: 'default', logFile, port: 0, uiPort: 0 });
}
