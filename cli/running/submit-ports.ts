/** The ports of a command that submits; Temporal and previews are opened on first use. */
import type { RoutingPorts, SubmitPorts, TemporalAccess } from '../../client/submit/submission.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import type { CliContext } from '../context.ts';
import { openRequestTrace } from '../request-trace.ts';
import type { Runtime, RuntimeSource } from '../runtime.ts';

interface RequestPorts {
  readonly emit: SubmitPorts['emit'];
  /** Needed for queries only. */
  readonly routing?: () => Promise<RoutingPorts>;
}

export function submitPorts(
  source: RuntimeSource,
  runtime: Runtime,
  { emit, routing = () => Promise.reject(new Error('Expected a query')) }: RequestPorts,
): SubmitPorts {
  const { config, context } = source;
  const { ports } = runtime;
  return {
    ports,
    temporal: openTemporal(runtime, context),
    routing,
    emit,
    previews: runtime.previews,
    traceparent: openRequestTrace(source),
    idempotencyTtlSeconds: config.idempotencyTtlSeconds,
    sessionKeepLast: config.sessionKeepLast,
  };
}

/** One connection per command, closed at its end. */
function openTemporal(runtime: Runtime, context: CliContext): TemporalAccess {
  let connecting: Promise<Temporal> | undefined;
  async function connected<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result> {
    if (connecting === undefined) {
      connecting = runtime.connect();
      context.onEnd(async () => (await connecting?.catch(() => undefined))?.close());
    }
    return work(await connecting);
  }
  return { use: connected, hold: connected };
}
