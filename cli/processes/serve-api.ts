/** The process of the API: opens the server, and stops it in order. */
import { once } from 'node:events';
import { startServing } from '../../adapters/storage/serving.ts';
import { requireServerKey, servedRoot } from '../../core/settings/config.ts';
import type { Config } from '../../core/settings/config.ts';
import { isTemporalConfigured } from '../../core/settings/temporal-variables.ts';
import { errorText, isErrorLike } from '../../core/errors/error-chain.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';
import type { RunningServer } from '../../server/http/http-server.ts';
import type { CliContext } from '../context.ts';
import { openRuntime } from '../runtime.ts';
import { stopWhenRefused } from './stop-when-refused.ts';

interface Serving {
  readonly config: Config;
  readonly context: CliContext;
  readonly host: string;
  readonly port: number;
  readonly note: (line: string) => void;
  readonly onListening: (url: string) => void;
}

/** Resolves when the server has been stopped and has completed its requests. */
export async function serveApi(serving: Serving): Promise<ExitCode> {
  const { config, context, note } = serving;
  requireServerKey(config);
  const server = await openApi(serving);
  const stopping = new AbortController();
  const forget = context.onInterrupt(() => stopping.abort());
  serving.onListening(server.url);
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  note('stopping: completing the requests in progress');
  await server.stop();
  forget();
  return EXIT.ok;
}

/** Rejects as `startServer` does. */
export async function openApi(opening: Omit<Serving, 'onListening'>): Promise<RunningServer> {
  const { config, context, port, note } = opening;
  const host = opening.host.replace(/^\[(.+)\]$/, '$1'); // IPv6 as in a URL
  const { startServer } = await import('../../server/http/http-server.ts');
  const runtime = openRuntime(opening);
  const { env } = context;
  const serving = await startServing(
    runtime.ports,
    { role: 'server', ...servedRoot(config) },
    stopWhenRefused(note),
  ).catch(async (error: unknown) => {
    await runtime.state.close();
    throw error;
  });
  const server = await startServer(
    {
      config,
      env,
      host,
      ports: runtime.ports,
      roots: runtime.roots,
      blobs: runtime.state.blobs,
      attachments: runtime.state.attachments,
      connect: () => runtime.connect(),
      isRemote: isTemporalConfigured(env),
      onFault: (error, requestId) => note(faultLine(error, requestId, config.debug)),
    },
    port,
  ).catch(async (error: unknown) => {
    await serving.close();
    await runtime.state.close();
    throw error;
  });
  return {
    ...server,
    async stop() {
      await server.stop();
      await serving.close();
    },
  };
}

/** With the causes: an error of Temporal's client names none itself. */
export function faultLine(error: unknown, requestId: string, isDebug: boolean): string {
  const text = isErrorLike(error) ? errorText(error) : String(error);
  const stack = isDebug && error instanceof Error ? `\n${error.stack}` : '';
  return `fault in request ${requestId}: ${text}${stack}`;
}
