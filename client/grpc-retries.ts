/** Retries of single calls as Temporal's client makes them, but quiet once the connection is closed. */
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;

const CANCELLED = 1; // gRPC

/**
 * The client's own would throw out of a timer, and so end the process, where a call waits to be tried again while the
 * connection is closed.
 */
export function quietRetries(): Interceptor {
  const retry = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());
  return (options, nextCall) => {
    let isFirst = true;
    return retry(options, (given) => {
      if (!isFirst) return callUnlessClosed(nextCall, given);
      isFirst = false;
      return nextCall(given);
    });
  };
}

function callUnlessClosed(nextCall: NextCall, options: Parameters<NextCall>[0]): Call {
  try {
    return nextCall(options);
  } catch {
    return CANCELLED_CALL;
  }
}

/** What the retries do with a call, and nothing more. */
const CANCELLED_CALL = {
  start: (...[metadata, listener]: Parameters<Call['start']>) =>
    listener?.onReceiveStatus?.({ code: CANCELLED, details: 'The connection was closed', metadata }),
  sendMessage: () => undefined,
  halfClose: () => undefined,
} as unknown as Call;
