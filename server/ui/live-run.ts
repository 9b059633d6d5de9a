/** A run that a page shows while it goes on: its parts are sent again whenever something has happened. */
import { PassThrough } from 'node:stream';
import { isInFlight } from '../../core/run.ts';
import { liveParts, stepLayout } from './run-views.ts';
import { partsOf } from './run-pages.ts';
import type { PageReply } from './reply.ts';
import type { Visit } from './visit.ts';

/** What happens within this is shown at once. */
const GATHER_MS = 100;
const HEARTBEAT_MS = 15_000;
/** Each time counts against the rate limit. */
const RETRY_MS = 5000;

/** Ends with the run. Where following breaks off, the browser comes back and begins anew. */
export async function followRun(visit: Visit, runId: string): Promise<PageReply> {
  const { ctx, services } = visit;
  await partsOf(visit, runId); // or the refusal, before anything is sent
  const events = new PassThrough();
  const end = (): void => void events.end();
  const write = (text: string): void => void (events.writableEnded || events.write(text));
  const tell = async (): Promise<void> => {
    const { data, isOver } = await telling(visit, runId);
    write(`event: parts\ndata: ${data}\n\n${isOver ? 'event: over\ndata:\n\n' : ''}`);
    if (isOver) end();
  };
  let gathering: NodeJS.Timeout | undefined;
  const tellSoon = (): void => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      tell().catch(end);
    }, GATHER_MS);
  };
  write(`retry: ${RETRY_MS}\n\n`);
  const heartbeat = setInterval(write, HEARTBEAT_MS, ': still here\n\n').unref();
  const leave = services.runEvents.follow(runId, 0, {
    onEvent: tellSoon,
    onEnd: () => void tell().then(end, end),
  });
  const closed = services.metrics.streamOpened();
  const { stopping } = services.lifecycle;
  stopping.addEventListener('abort', end, { once: true });
  ctx.res.once('close', () => events.destroy());
  events.once('close', () => {
    clearTimeout(gathering);
    clearInterval(heartbeat);
    stopping.removeEventListener('abort', end);
    leave();
    closed();
  });
  return { events };
}

/** JSON, which has no line breaks, as an event must not. */
async function telling(
  visit: Visit,
  runId: string,
): Promise<{ readonly data: string; readonly isOver: boolean }> {
  const shown = await partsOf(visit, runId);
  const { status } = shown.record;
  const parts = Object.entries(liveParts(shown, visit.services.ports.now()));
  const markup = Object.fromEntries(parts.map(([id, part]) => [id, part.markup]));
  const layout = stepLayout(shown.trace);
  return { data: JSON.stringify({ status, layout, parts: markup }), isOver: !isInFlight(status) };
}
