/** The API's process: the server above, and an orderly end. */
import { once } from 'node:events';
import type { Config } from '../core/config.ts';
import { SETTINGS } from '../core/config.ts';
import { SkillosError } from '../core/errors.ts';
import { EXIT } from '../core/exit-codes.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import type { RunningServer } from '../server/http-server.ts';
import type { CliContext } from './context.ts';
import { openRuntime } from './runtime.ts';

interface Serving {
  readonly config: Config;
  readonly context: CliContext;
  readonly host: string;
  readonly port: number;
  readonly note: (line: string) => void;
  readonly onListening: (url: string) => void;
}

/** Resolves when the server has been told to stop and has answered what it had begun. */
export async function serveApi(serving: Serving): Promise<ExitCode> {
  const { config, context, note } = serving;
  if (config.production && config.serverKey === undefined) throw unsafe();
  const server = await openApi(serving);
  const told = new AbortController();
  const forget = context.onInterrupt(() => told.abort());
  serving.onListening(server.url);
  if (!told.signal.aborted) await once(told.signal, 'abort');
  note('stopping: what has begun is answered first');
  await server.stop();
  forget();
  return EXIT.ok;
}

/** Rejects as `startServer` does. */
export async function openApi(opening: Omit<Serving, 'onListening'>): Promise<RunningServer> {
  const { config, context, host, port, note } = opening;
  const { startServer } = await import('../server/http-server.ts');
  const runtime = openRuntime(config, context, note);
  const { env } = context;
  return startServer(
    {
      config,
      env,
      host,
      ports: runtime.ports,
      connect: () => runtime.connect(),
      isRemote: ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].some((name) => env[name]),
      onFault: (error, requestId) => note(faultLine(error, requestId, config.debug)),
    },
    port,
  );
}

function faultLine(error: unknown, requestId: string, isDebug: boolean): string {
  const text = error instanceof Error ? (isDebug ? error.stack : error.message) : String(error);
  return `fault in request ${requestId}: ${text}`;
}

/** Without it workers would not believe who asks. */
function unsafe(): SkillosError {
  const { variable, expected } = SETTINGS.serverKey;
  return new SkillosError('config_invalid', `Invalid ${variable}: expected ${expected} in production`, {
    details: { variable, expected },
    hint: 'skillos config',
  });
}
