/** Event stream of a run's page: sends the changed parts after each event of the run. */
import { PassThrough } from 'node:stream';
import { isInFlight } from '../../core/runs/run.ts';
import { liveParts, stepLayout } from './run-views.ts';
import { partsOf } from './run-pages.ts';
import type { PageReply } from './reply.ts';
import { actionsFor } from './run-actions.ts';
import { openStream } from './page-request.ts';
import type { PageRequest } from './page-request.ts';

/** Events within this time are sent together. */
const BATCH_MS = 100;
const HEARTBEAT_MS = 15_000;
/** Reconnect delay of the browser; each connection counts against the rate limit. */
const RETRY_MS = 5000;

/** Resolves to a stream that ends with the run. If the stream breaks, the browser reconnects and gets the present state. */
export async function followRun(request: PageRequest, runId: string): Promise<PageReply> {
  const { ctx, services } = request;
  await partsOf(request, runId); // rejects before anything is sent
  const stream = openStream(request);
  const events = new PassThrough();
  const end = (): void => void events.end();
  const write = (text: string): void => void (events.writable && events.write(text));
  const send = async (): Promise<void> => {
    const { data, isOver } = await currentParts(request, runId);
    write(`event: parts\ndata: ${data}\n\n${isOver ? 'event: over\ndata:\n\n' : ''}`);
    if (isOver) end();
  };
  let batchTimer: NodeJS.Timeout | undefined;
  let isBehind = false;
  const sendSoon = (): void => {
    batchTimer ??= setTimeout(() => {
      batchTimer = undefined;
      isBehind = events.writableNeedDrain; // the browser has not read the last parts yet
      if (!isBehind) send().catch(end);
    }, BATCH_MS);
  };
  events.on('drain', () => void (isBehind && sendSoon()));
  write(`retry: ${RETRY_MS}\n\n`);
  const heartbeat = setInterval(write, HEARTBEAT_MS, ': still here\n\n').unref();
  const leave = services.runEvents.follow(runId, 0, {
    onEvent: sendSoon,
    onEnd: () => void send().then(end, end),
  });
  stream.signal.addEventListener('abort', end, { once: true });
  ctx.res.once('close', () => events.destroy());
  events.once('close', () => {
    clearTimeout(batchTimer);
    clearInterval(heartbeat);
    leave();
    stream.close();
  });
  return { events };
}

/** JSON on one line, as an event's data must be. */
async function currentParts(
  request: PageRequest,
  runId: string,
): Promise<{ readonly data: string; readonly isOver: boolean }> {
  const shown = await partsOf(request, runId);
  const { status } = shown.record;
  const actions = await actionsFor(request, shown.record);
  const parts = Object.entries(liveParts(shown, request.services.ports.now(), actions));
  const markup = Object.fromEntries(parts.map(([id, part]) => [id, part.markup]));
  const layout = stepLayout(shown.trace);
  return { data: JSON.stringify({ status, layout, parts: markup }), isOver: !isInFlight(status) };
}
