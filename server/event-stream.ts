/** Server-sent events: a stream that a browser takes up again where it broke off. */
import { PassThrough } from 'node:stream';
import type { RunEvent, RunEvents } from './run-events.ts';

interface Streaming {
  readonly events: RunEvents;
  readonly runId: string;
  /** The last event that the client has seen; 0 for none. */
  readonly after: number;
  /** Aborts when the client has gone or the server is about to stop. */
  readonly signal: AbortSignal;
  readonly onClose: () => void;
}

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1000;
/** A client that does not read is not waited for. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

export function streamEvents({ events, runId, after, signal, onClose }: Streaming): PassThrough {
  const stream = new PassThrough();
  const write = (text: string) => {
    if (stream.writableLength > MAX_BUFFERED_BYTES) stream.destroy();
    else if (!stream.writableEnded) stream.write(text);
  };
  write(`retry: ${RETRY_MS}\n\n`);
  const heartbeat = setInterval(write, HEARTBEAT_MS, ': still here\n\n').unref();
  const leave = events.follow(runId, after, {
    onEvent: (event) => write(textOf(event)),
    onEnd: () => stream.end(),
  });
  const end = () => stream.end();
  signal.addEventListener('abort', end, { once: true });
  stream.once('close', () => {
    clearInterval(heartbeat);
    signal.removeEventListener('abort', end);
    leave();
    onClose();
  });
  return stream;
}

function textOf({ position, document }: RunEvent): string {
  const id = position === undefined ? '' : `id: ${position}\n`;
  return `${id}event: ${document['kind'] as string}\ndata: ${JSON.stringify(document)}\n\n`;
}
