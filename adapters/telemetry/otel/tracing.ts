/** Opens the exporter of traces if the settings name a collector. The SDK of OpenTelemetry is loaded only then. */
import { traceTarget } from '../../../core/telemetry/tracing.ts';
import type { Tracing } from '../../../core/telemetry/tracing.ts';
import type { TraceSettings, TracingOptions } from './exporter.ts';

const TIMEOUT_MS = 5000;

/** Resolves to undefined if no traces are sent. */
export async function openTracing(
  settings: TraceSettings,
  { note, timeoutMs = TIMEOUT_MS }: TracingOptions,
): Promise<Tracing | undefined> {
  const target = traceTarget(settings);
  if (target === undefined) return undefined;
  if ('warning' in target) {
    note(`warning: ${target.warning}`);
    return undefined;
  }
  const { openExporter } = await import('./exporter.ts');
  return openExporter({ ...target, settings, note, timeoutMs });
}
