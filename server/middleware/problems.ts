import type { Middleware } from 'koa';
import { isSkillosError } from '../../core/errors/errors.ts';
import { PROBLEM_TYPE, asKnownError, httpStatusOf, problemOf } from '../http/problem.ts';

interface Reporting {
  readonly root: string;
  /** Receives unexpected errors, for the operator. */
  readonly onFault: (error: unknown, requestId: string) => void;
}

const RETRY_AFTER_SECONDS = '1';

/** Turns every thrown error into a problem response. */
export function problems({ root, onFault }: Reporting): Middleware {
  return async function answerWithProblems(ctx, next) {
    try {
      await next();
    } catch (thrown) {
      const error = asKnownError(thrown);
      const requestId = ctx.state['requestId'] as string;
      if (httpStatusOf(error) === 500) onFault(thrown, requestId);
      const problem = problemOf(error, { requestId, path: ctx.path, root });
      if (problem.status === 401) ctx.set('WWW-Authenticate', challengeOf(error.code));
      if (problem.status === 503 && !ctx.res.hasHeader('Retry-After')) {
        ctx.set('Retry-After', RETRY_AFTER_SECONDS);
      }
      // The unread rest of the body would be parsed as the next request.
      if (isSkillosError(error, 'body_too_large') || !ctx.req.complete) ctx.set('Connection', 'close');
      ctx.status = problem.status;
      ctx.body = JSON.stringify(problem);
      ctx.type = PROBLEM_TYPE;
    }
  };
}

function challengeOf(code: string): string {
  return `Bearer realm="skillos"${code === 'token_invalid' ? ', error="invalid_token"' : ''}`;
}
