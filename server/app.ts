/** The Koa application; it does not listen. */
import { Router } from '@koa/router';
import Koa from 'koa';
import type { Context, Middleware } from 'koa';
import { SkillosError } from '../core/errors.ts';
import { origins } from './middleware/origins.ts';
import { problems } from './middleware/problems.ts';
import { requestIds } from './middleware/request-id.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { mount } from './mount.ts';
import { ENDPOINTS } from './routes/index.ts';
import type { Services } from './services.ts';
import { pages } from './ui/index.ts';

const MAX_URL_CHARS = 8192;

export function createApp(services: Services): Koa {
  const { config, root, identities, onFault } = services;
  const app = new Koa();
  app.on('error', (error: unknown, ctx?: Context) => {
    if (!isHangUp(error)) onFault(error, String(ctx?.state['requestId'] ?? ''));
  });
  app.use(requestIds());
  app.use(securityHeaders());
  app.use(measured(services));
  app.use(problems({ root, onFault }));
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

/** While the server stops, only its health is told. */
function open({ lifecycle }: Services): Middleware {
  return function checkOpen(ctx, next) {
    if (ctx.url.length > MAX_URL_CHARS) {
      throw new SkillosError('uri_too_long', `The address is longer than ${MAX_URL_CHARS} characters`);
    }
    if (lifecycle.isStopping) {
      ctx.set('Connection', 'close');
      if (!ctx.path.startsWith('/health')) {
        throw new SkillosError('server_stopping', 'The server is about to stop');
      }
    }
    return next();
  };
}

/** A path that is known under another method is not missing. */
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

function isHangUp(error: unknown): boolean {
  const { code } = error as { readonly code?: string };
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
