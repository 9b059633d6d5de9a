/** Builds the Koa application; the caller makes it listen. */
import { Router } from '@koa/router';
import Koa from 'koa';
import type { Context, Middleware } from 'koa';
import { SkillosError } from '../../core/errors/errors.ts';
import { origins } from '../middleware/origins.ts';
import { problems } from '../middleware/problems.ts';
import { requestIds } from '../middleware/request-id.ts';
import { traces } from '../middleware/traces.ts';
import { mount } from './mount.ts';
import { ENDPOINTS } from '../routes/index.ts';
import type { Services } from '../services/services.ts';
import { pages } from '../ui/index.ts';

const MAX_URL_CHARS = 8192;

/** Headers for data: not cached, not framed, content type not guessed. Our pages set their own policy. */
const SECURITY_HEADERS = Object.entries({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
});

export function createApp(services: Services): Koa {
  const { config, root, identities, onFault } = services;
  const app = new Koa();
  app.on('error', (error: unknown, ctx?: Context) => {
    if (!isDisconnect(error)) onFault(error, String(ctx?.state['requestId'] ?? ''));
  });
  app.use(requestIds());
  app.use(secure);
  app.use(measured(services));
  if (services.tracing !== undefined) app.use(traces(services.tracing));
  app.use(problems({ root, onFault }));
  app.use(wellFormed);
  app.use(origins({ allowed: config.apiCorsOrigins ?? [], localOnly: identities.anonymous }));
  app.use(open(services));
  app.use(pages(services));
  const router = new Router();
  for (const endpoint of ENDPOINTS) {
    const { method, path, aliases = [] } = endpoint;
    router.register([path, ...aliases], [method], [mount(endpoint, services)]);
  }
  app.use(router.routes() as unknown as Middleware); // the router's own types of a context are narrower
  app.use(unmatched(router));
  return app;
}

function secure(ctx: Context, next: () => Promise<unknown>): Promise<unknown> {
  for (const [name, value] of SECURITY_HEADERS) ctx.res.setHeader(name, value); // not ctx.set: these constants need no checks
  return next();
}

function measured({ metrics, lifecycle }: Services): Middleware {
  return async function measure(ctx, next) {
    const ended = metrics.httpStarted();
    const answered = lifecycle.begin();
    const began = performance.now();
    ctx.res.once('close', answered);
    try {
      await next();
    } finally {
      const route = (ctx['_matchedRoute'] as string | undefined) ?? 'unmatched';
      ended({ method: ctx.method, route, status: ctx.status, seconds: (performance.now() - began) / 1000 });
    }
  };
}

/** Rejects requests while the server stops, except those for its health. */
function open({ lifecycle }: Services): Middleware {
  return function checkOpen(ctx, next) {
    if (ctx.url.length > MAX_URL_CHARS) {
      throw new SkillosError('uri_too_long', `The URL is longer than ${MAX_URL_CHARS} characters`);
    }
    if (lifecycle.isStopping) {
      ctx.set('Connection', 'close');
      if (!ctx.path.startsWith('/health')) {
        throw new SkillosError('server_stopping', 'The server is stopping');
      }
    }
    return next();
  };
}

/** Node accepts HTTP/0.9, and takes the first of several Host headers; RFC 9112 (section 3.2) asks for 400. */
const wellFormed: Middleware = (ctx, next) => {
  const { httpVersionMajor, rawHeaders } = ctx.req;
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  if (httpVersionMajor >= 1 && hosts.length <= 1) return next();
  ctx.set('Connection', 'close');
  throw new SkillosError('bad_request', 'Expected HTTP/1.1 with one Host header');
};

/** Answers 405 for a known path under another method, and 404 for an unknown path. */
function unmatched(router: Router): Middleware {
  return function answerUnmatched(ctx) {
    const layers = router.stack.filter((layer) => layer.match(ctx.path));
    const allowed = [...new Set(layers.flatMap(({ methods }) => methods))];
    if (allowed.length === 0) throw new SkillosError('endpoint_not_found', 'No endpoint has this path');
    ctx.set('Allow', allowed.join(', '));
    if (ctx.method === 'OPTIONS') {
      ctx.status = 204;
      return;
    }
    throw new SkillosError('method_not_allowed', `Expected ${allowed.join(' or ')} at this path`);
  };
}

function isDisconnect(error: unknown): boolean {
  const { code } = error as { readonly code?: string };
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
