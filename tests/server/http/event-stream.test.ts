import { Writable } from 'node:stream';
import { streamEvents } from '../../../server/http/event-stream.ts';
import type { RunEvent, RunEvents } from '../../../server/services/run-events.ts';

const EVENTS: readonly RunEvent[] = Array.from({ length: 5000 }, (_, index) => ({
  position: index + 1,
  document: { kind: 'step_output', output: 'x'.repeat(10_000) },
}));

/** All events at once, as for a client that follows a long run from its first event on. */
const events: RunEvents = {
  follow(_runId, after, follower) {
    for (const event of EVENTS.slice(after)) follower.onEvent(event);
    follower.onEnd();
    return () => undefined;
  },
  countOf: async () => EVENTS.length,
  close: () => undefined,
};

describe('streamEvents', () => {
  test('holds little for a client that reads nothing, and sends all of it once the client reads', async () => {
    let isClosed = false;
    const stream = streamEvents({
      events,
      runId: 'test.echo-01ARZ3NDEKTSV4RRFFQ69G5FAV',
      after: 0,
      signal: new AbortController().signal,
      onClose: () => (isClosed = true),
    });
    expect(stream.readableLength + stream.writableLength).toBeLessThan(64 * 1024);
    let received = 0;
    const reader = new Writable({
      write(chunk: Buffer, _encoding, done) {
        received += chunk.toString().match(/^id: /gm)?.length ?? 0;
        setImmediate(done);
      },
    });
    await new Promise((resolve) => stream.pipe(reader).once('finish', resolve));
    expect([received, isClosed]).toEqual([EVENTS.length, true]);
  });

  test.each(['before', 'while'])('ends if its signal aborts %s events wait', (when) => {
    const abort = new AbortController();
    const follow: RunEvents['follow'] = (_runId, _after, follower) => {
      for (const event of EVENTS.slice(0, when === 'before' ? 0 : 100)) follower.onEvent(event);
      return () => undefined;
    };
    const stream = streamEvents({
      events: { ...events, follow },
      runId: 'test.echo-01ARZ3NDEKTSV4RRFFQ69G5FAV',
      after: 0,
      signal: abort.signal,
      onClose: () => undefined,
    });
    abort.abort();
    expect(stream.writableEnded).toBe(true);
    stream.destroy();
  });
});
