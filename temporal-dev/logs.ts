/** Bounds log files that child processes append to. Logging libraries rotate their own files only, not those of a child. */
import { createReadStream } from 'node:fs';
import { copyFile, stat, truncate } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

const MAX_BYTES = 8 * 1024 * 1024;
const CHECK_INTERVAL_MS = 30_000;

/** Every 30 s copies files over `maxBytes` to `<file>.1` and empties them. Returns a function that stops this. */
export function boundLogs(files: readonly string[], maxBytes = MAX_BYTES): () => void {
  const timer = setInterval(() => {
    // A log that cannot be trimmed is no reason to stop the engine.
    for (const file of files) trim(file, maxBytes).catch(() => undefined);
  }, CHECK_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Resolves to the text after the first `begin` bytes of the file. */
export async function readFrom(file: string, begin: number): Promise<string> {
  return text(createReadStream(file, { start: begin }));
}

/** Returns the message of the last `Error: <message> (<code>)` in the lines that a process has printed. */
export function errorIn(printed: string): string | undefined {
  return /^.*^Error: (.*?)(?: \([a-z_]+\))?$/ms.exec(printed)?.[1];
}

/** Appending processes continue at the new end; lines written during the copy may be lost. */
export async function trim(file: string, maxBytes: number): Promise<void> {
  const { size } = await stat(file);
  if (size <= maxBytes) return;
  await copyFile(file, `${file}.1`);
  await truncate(file);
}
