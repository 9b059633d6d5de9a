import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import { requestSpan } from '../../core/telemetry/spans.ts';
import {
  childContext,
  parseTraceparent,
  rootContext,
  traceparentOf,
} from '../../core/telemetry/trace-context.ts';
import type { Tracing } from '../../core/telemetry/tracing.ts';

/** Requests of probes and scrapers, which would fill a collector. */
const UNTRACED = /^\/(health|metrics)(\/|$)/;

/**
 * Records a span for each request, below the one that its header `traceparent` names. For a request that is refused before
 * its caller is known, the header does not count: anybody could fill the queue of spans with it.
 */
export function traces(tracing: Tracing): Middleware {
  return async function trace(ctx, next) {
    if (UNTRACED.test(ctx.path)) return next();
    const parent = parseTraceparent(ctx.get('traceparent'));
    const key = randomUUID();
    const context = parent === undefined ? rootContext(key, tracing.ratio) : childContext(parent, key);
    ctx.state['traceparent'] = traceparentOf(context);
    const startMs = Date.now();
    try {
      await next();
    } finally {
      const isAccepted = ctx.state['isIdentified'] === true || ctx.status < 400;
      const span = requestSpan(
        isAccepted ? { context, parent } : { context: rootContext(key, tracing.ratio) },
        {
          method: ctx.method,
          route: (ctx['_matchedRoute'] as string | undefined) ?? 'unmatched',
          status: ctx.status,
          requestId: ctx.state['requestId'] as string,
          startMs,
          endMs: Date.now(),
        },
      );
      tracing.record(span);
    }
  };
}
