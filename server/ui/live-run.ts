/** Event stream of a run's page: sends the changed parts after each event of the run, and its log after new lines. */
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { endOfRunLog } from '../../client/runs/run-log.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { isInFlight } from '../../core/runs/run.ts';
import { liveParts, stepLayout } from './run-views.ts';
import { partsOf } from './run-pages.ts';
import type { PageReply } from './reply.ts';
import { actionsFor } from './run-actions.ts';
import { logFor } from './run-details.ts';
import { feedbackFor } from './run-feedback.ts';
import { openStream } from './page-request.ts';
import type { PageRequest } from './page-request.ts';

/** Events within this time are sent together. */
const BATCH_MS = 100;
const HEARTBEAT_MS = 15_000;
/** New lines of the log are no events of the run. */
const LOG_INTERVAL_MS = 1000;
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
  const closed = new AbortController();
  const sendLog = async (): Promise<void> => {
    if (events.writableNeedDrain) return sendSoon(); // once the browser has read the rest
    const log = await logFor(request, await findRun(services.ports, runId));
    if (log !== undefined) write(`event: log\ndata: ${JSON.stringify(log.markup)}\n\n`);
  };
  // The storage may answer the next time.
  const onGrowth = (): void => void sendLog().catch(() => undefined);
  void watchLog(request, runId, { signal: closed.signal, onGrowth });
  stream.signal.addEventListener('abort', end, { once: true });
  ctx.res.once('close', () => events.destroy());
  events.once('close', () => {
    closed.abort();
    clearTimeout(batchTimer);
    clearInterval(heartbeat);
    leave();
    stream.close();
  });
  return { events };
}

async function watchLog(
  { services: { ports } }: PageRequest,
  runId: string,
  { signal, onGrowth }: { readonly signal: AbortSignal; readonly onGrowth: () => void },
): Promise<void> {
  for (let end = 0; !signal.aborted;) {
    const next = await endOfRunLog(ports.journal, runId, end).catch(() => end); // the storage may answer the next time
    if (next !== end) onGrowth();
    end = next;
    await delay(LOG_INTERVAL_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
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
  const log = await logFor(request, shown.record);
  const feedback = await feedbackFor(request, shown.record);
  const markup = Object.fromEntries(parts.map(([id, part]) => [id, part.markup]));
  const layout = stepLayout(shown.trace);
  return {
    data: JSON.stringify({
      status,
      layout,
      parts: { ...markup, feedback: feedback?.markup ?? '', ...(log && { log: log.markup }) },
    }),
    isOver: !isInFlight(status),
  };
}
