/** Retries single gRPC calls as Temporal's client does, but never throws after the connection was closed. */
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;

const CANCELLED = 1; // gRPC

/**
 * Temporal's own interceptor throws inside a timer, which ends the process, if the connection is closed while a call waits
 * for its retry.
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

/** Implements only the methods that the retry interceptor calls. */
const CANCELLED_CALL = {
  start: (...[metadata, listener]: Parameters<Call['start']>) =>
    listener?.onReceiveStatus?.({ code: CANCELLED, details: 'The connection was closed', metadata }),
  sendMessage: () => undefined,
  halfClose: () => undefined,
} as unknown as Call;
