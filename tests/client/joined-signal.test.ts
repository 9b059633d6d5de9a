import { getEventListeners, getMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { joinSignals, withOwnSignal } from '../../client/joined-signal.ts';

const listenersOf = (...sources: readonly AbortController[]) =>
  sources.map(({ signal }) => getEventListeners(signal, 'abort').length);

test.each([0, 1])('aborts with source %i, and lets go of both', (index) => {
  const sources = [new AbortController(), new AbortController()] as const;
  const { signal } = joinSignals(sources.map((source) => source.signal));
  expect([signal.aborted, listenersOf(...sources)]).toEqual([false, [1, 1]]);
  sources[index]?.abort();
  expect([signal.aborted, listenersOf(...sources)]).toEqual([true, [0, 0]]);
});

test('is aborted at once if a source is', () => {
  const source = new AbortController();
  const { signal } = joinSignals([source.signal, AbortSignal.abort()]);
  expect([signal.aborted, listenersOf(source)]).toEqual([true, [0]]);
});

test('aborts after its time', async () => {
  const { signal } = joinSignals([], 5);
  while (!signal.aborted) await sleep(1);
});

test('does not abort after it was released', async () => {
  const source = new AbortController();
  const { signal, release } = joinSignals([source.signal], 1);
  release();
  source.abort();
  await sleep(5);
  expect([signal.aborted, listenersOf(source)]).toEqual([false, [0]]);
});

test('a source takes more listeners than the ten that Node warns about', () => {
  const source = new AbortController();
  expect(getMaxListeners(source.signal)).toBe(10);
  joinSignals([source.signal]).release();
  expect(getMaxListeners(source.signal)).toBe(Infinity);
});

test('aborts by hand', () => {
  const source = new AbortController();
  const { signal, abort } = joinSignals([source.signal]);
  abort();
  expect([signal.aborted, listenersOf(source)]).toEqual([true, [0]]);
});

test('a signal of work is let go when the work has ended, and when it fails', async () => {
  const source = new AbortController();
  await expect(withOwnSignal(source.signal, async (signal) => signal.aborted)).resolves.toBe(false);
  await expect(withOwnSignal(source.signal, () => Promise.reject(new Error('failed')))).rejects.toThrow();
  expect(listenersOf(source)).toEqual([0]);
});
