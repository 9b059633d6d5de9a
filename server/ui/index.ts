/** Routes of the web pages for approvals, runs, schedules and webhooks. They use the same functions as the API. */
import { Router } from '@koa/router';
import type { Context, Middleware } from 'koa';
import { SkillosError } from '../../core/errors/errors.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import { asKnownError, problemOf } from '../http/problem.ts';
import type { Services } from '../services/services.ts';
import { showApprovals, takeDecision } from './approval-pages.ts';
import { html } from './html.ts';
import { followRun } from './live-run.ts';
import { renderPage } from './page.ts';
import type { Frame, Page } from './page.ts';
import { HOME, redirect } from './reply.ts';
import type { PageReply } from './reply.ts';
import { takeCancel, takeRerun, takeStep } from './run-actions.ts';
import { takeFeedback } from './run-feedback.ts';
import { showRun, showRuns } from './run-pages.ts';
import { showOneSchedule, showSchedules } from './schedule-pages.ts';
import { signIn, signInPage, signOut } from './session-pages.ts';
import { showDeliveries, showOneDelivery, takeReplay } from './webhook-pages.ts';
import { newNonce, openPageRequest } from './page-request.ts';
import type { PageRequest } from './page-request.ts';

interface Entry {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Open to visitors who are not signed in. */
  readonly isOpen?: true;
  readonly answer: (request: PageRequest, id: string) => PageReply | Promise<PageReply>;
}

/** Every change is a POST. */
const ENTRIES: readonly Entry[] = [
  { method: 'GET', path: '/ui', answer: () => redirect(HOME) },
  { method: 'GET', path: '/ui/login', isOpen: true, answer: (request) => signInPage(request) },
  { method: 'POST', path: '/ui/login', isOpen: true, answer: signIn },
  { method: 'POST', path: '/ui/logout', isOpen: true, answer: signOut },
  { method: 'GET', path: '/ui/approvals', answer: showApprovals },
  { method: 'GET', path: '/ui/runs', answer: showRuns },
  { method: 'GET', path: '/ui/runs/:run', answer: showRun },
  { method: 'GET', path: '/ui/runs/:run/events', answer: followRun },
  { method: 'POST', path: '/ui/runs/:run/decision', answer: takeDecision },
  { method: 'POST', path: '/ui/runs/:run/cancel', answer: takeCancel },
  { method: 'POST', path: '/ui/runs/:run/step', answer: takeStep },
  { method: 'POST', path: '/ui/runs/:run/rerun', answer: takeRerun },
  { method: 'POST', path: '/ui/runs/:run/feedback', answer: takeFeedback },
  { method: 'GET', path: '/ui/schedules', answer: showSchedules },
  { method: 'GET', path: '/ui/schedules/:named', answer: showOneSchedule },
  { method: 'GET', path: '/ui/webhooks', answer: showDeliveries },
  { method: 'GET', path: '/ui/webhooks/:named', answer: showOneDelivery },
  { method: 'POST', path: '/ui/webhooks/:named/replay', answer: takeReplay },
];

export function pages(services: Services): Middleware {
  const router = new Router();
  for (const entry of ENTRIES) router.register(entry.path, [entry.method], [mountPage(entry, services)]);
  const routed = router.routes() as unknown as Middleware; // the router's own types of a context are narrower
  return (ctx, next) => {
    if (ctx.path === '/' && (ctx.method === 'GET' || ctx.method === 'HEAD'))
      return Promise.resolve(ctx.redirect('/ui'));
    return ctx.path === '/ui' || ctx.path.startsWith('/ui/') ? answerPages(ctx) : next();
  };

  async function answerPages(ctx: Context): Promise<void> {
    // Browsers must send the Origin header with a form, which is checked against CSRF.
    ctx.set('Referrer-Policy', 'same-origin');
    try {
      await routed(ctx, async () => refuse(ctx, router));
    } catch (error) {
      answerProblem(ctx, services, error);
    }
  }
}

function refuse(ctx: Context, router: Router): never {
  const layers = router.stack.filter((layer) => layer.match(ctx.path));
  const allowed = [...new Set(layers.flatMap(({ methods }) => methods))];
  if (allowed.length === 0)
    throw new SkillosError('endpoint_not_found', 'No page has this address', {
      hint: 'The pages begin at /ui',
    });
  ctx.set('Allow', allowed.join(', '));
  throw new SkillosError('method_not_allowed', `Expected ${allowed.join(' or ')} at this address`);
}

function mountPage({ isOpen, answer }: Entry, services: Services): Middleware {
  return async function answerPage(ctx) {
    const request = await openPageRequest(ctx, services);
    if (request.identity === undefined && isOpen === undefined) {
      const next = ctx.method === 'GET' ? `?next=${encodeURIComponent(ctx.path)}` : '';
      write(ctx, redirect(`/ui/login${next}`), request.frame);
      return;
    }
    const { run, named = '' } = ctx['params'] as { readonly run?: string; readonly named?: string };
    write(ctx, await answer(request, run === undefined ? named : parseRunId(run)), request.frame);
  };
}

function write(ctx: Context, reply: PageReply, frame: Frame): void {
  if ('location' in reply) {
    ctx.status = 303;
    ctx.set('Location', reply.location);
    ctx.body = '';
    return;
  }
  if ('events' in reply) {
    ctx.type = 'text/event-stream; charset=utf-8';
    ctx.set('X-Accel-Buffering', 'no');
    ctx.body = reply.events;
    return;
  }
  send(ctx, reply, frame);
}

function send(
  ctx: Context,
  { status, page }: { readonly status: number; readonly page: Page },
  frame: Frame,
): void {
  const own = `'nonce-${frame.nonce}'`;
  ctx.set(
    'Content-Security-Policy',
    `default-src 'none'; style-src ${own}; script-src ${own}; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  );
  ctx.status = status;
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = renderPage(page, frame).markup;
}

/** Renders a problem as a page, without any service that may have failed. */
function answerProblem(ctx: Context, { root, onFault }: Services, thrown: unknown): void {
  const requestId = ctx.state['requestId'] as string;
  const problem = problemOf(asKnownError(thrown), { requestId, path: ctx.path, root });
  if (problem.status === 500) onFault(thrown, requestId);
  const body = html`<h1>${problem.title}</h1>
    <p>${problem.detail}</p>
    <p>${problem.hint}</p>
    <p><a href="${HOME}">Back to the approvals</a></p>
    <p class="quiet">${problem.code} – request ${requestId}</p>`;
  const frame: Frame = { nonce: newNonce(), hasSession: false, formToken: '' };
  send(ctx, { status: problem.status, page: { title: problem.title, body } }, frame);
}
