/** Log files that processes hold open for appending: bounded, and read from where one began to write. */
import { createReadStream } from 'node:fs';
import { copyFile, stat, truncate } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

const MAX_BYTES = 8 * 1024 * 1024;
const LOOK_EVERY_MS = 30_000;

/** Copies a file that grew too large to `<file>.1` and empties it, now and then until the function returned is called. */
export function boundLogs(files: readonly string[], maxBytes = MAX_BYTES): () => void {
  const timer = setInterval(() => {
    // A log that cannot be trimmed is no reason to stop the engine.
    for (const file of files) trim(file, maxBytes).catch(() => undefined);
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What was appended to a file after its first `begin` bytes. */
export async function readFrom(file: string, begin: number): Promise<string> {
  return text(createReadStream(file, { start: begin }));
}

/** Whoever appends goes on at the new end; lines written during the copy may be lost. */
export async function trim(file: string, maxBytes: number): Promise<void> {
  const { size } = await stat(file);
  if (size <= maxBytes) return;
  await copyFile(file, `${file}.1`);
  await truncate(file);
}
