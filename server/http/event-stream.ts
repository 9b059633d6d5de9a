/**
 * Server-sent events (WHATWG HTML) that a browser resumes by `Last-Event-ID`. Hand-written: the format is three lines of
 * text, while the limits (buffer, heartbeat, shutdown) are this server's own.
 */
import { PassThrough } from 'node:stream';
import type { RunEvent, RunEvents } from '../services/run-events.ts';

interface Streaming {
  readonly events: RunEvents;
  readonly runId: string;
  /** Position of the last event that the client has; 0 for none. */
  readonly after: number;
  /** Aborts when the client has disconnected, its token has expired, or the server begins to stop. */
  readonly signal: AbortSignal;
  readonly onClose: () => void;
}

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1000;

/**
 * Returns a stream that ends with the run, or when `signal` aborts. For a slow client it holds references to the events of
 * the run, which all its clients share, and one event as text.
 */
export function streamEvents({ events, runId, after, signal, onClose }: Streaming): PassThrough {
  const stream = new PassThrough();
  const waiting: RunEvent[] = [];
  let isOver = false;
  const flush = () => {
    while (waiting.length > 0 && isReady(stream)) stream.write(textOf(waiting.shift() as RunEvent));
    if (isOver && waiting.length === 0) stream.end();
  };
  stream.write(`retry: ${RETRY_MS}\n\n`);
  const heartbeat = setInterval(
    () => isReady(stream) && stream.write(': still here\n\n'),
    HEARTBEAT_MS,
  ).unref();
  const leave = events.follow(runId, after, {
    onEvent(event) {
      waiting.push(event);
      flush();
    },
    onEnd() {
      isOver = true;
      flush();
    },
  });
  const end = () => stream.end();
  stream.on('drain', flush);
  signal.addEventListener('abort', end, { once: true });
  stream.once('close', () => {
    clearInterval(heartbeat);
    signal.removeEventListener('abort', end);
    leave();
    onClose();
  });
  return stream;
}

function isReady({ writable, writableNeedDrain }: PassThrough): boolean {
  return writable && !writableNeedDrain;
}

function textOf({ position, document }: RunEvent): string {
  const id = position === undefined ? '' : `id: ${position}\n`;
  return `${id}event: ${document['kind'] as string}\ndata: ${JSON.stringify(document)}\n\n`;
}
