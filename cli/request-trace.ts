/** The span of a command that starts runs, sent at the end of the command. */
import { randomUUID } from 'node:crypto';
import { commandSpan } from '../core/telemetry/spans.ts';
import { rootContext, traceparentOf } from '../core/telemetry/trace-context.ts';
import type { TraceContext } from '../core/telemetry/trace-context.ts';
import type { RuntimeSource } from './runtime.ts';

/** A command that has its result waits no longer than this for the collector. */
const TIMEOUT_MS = 500;

/** Returns the trace context of the command for its first run and all others; undefined if no traces are sent. */
export function openRequestTrace(source: RuntimeSource): (() => string) | undefined {
  const { config, context } = source;
  if (config.otlpEndpoint === undefined) return undefined;
  let command: TraceContext | undefined;
  return () => {
    if (command === undefined) {
      command = rootContext(randomUUID(), config.traceRatio);
      context.onEnd(() => send(source, command as TraceContext));
    }
    return traceparentOf(command);
  };
}

async function send(source: RuntimeSource, command: TraceContext): Promise<void> {
  const { config, context } = source;
  const { openTracing } = await import('../adapters/telemetry/otel/tracing.ts');
  const tracing = await openTracing(config, { note: (line) => source.note(line), timeoutMs: TIMEOUT_MS });
  tracing?.record(
    commandSpan(command, { words: source.path ?? [], startMs: performance.timeOrigin, endMs: context.now() }),
  );
  await tracing?.close();
}
