/** The event log: `<root>/logs/execution.log`, one JSON object a line, written by pino. */
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { Config } from '../core/config.ts';
import type { JsonValue } from '../core/json.ts';
import { masker, secretsOf } from '../core/masking.ts';
import type { EventLog } from '../core/ports.ts';
import { isErrno, storageError } from './files.ts';

export interface EventLogOptions {
  readonly root: string;
  /** Its secrets are masked. */
  readonly config: Partial<Config>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Hears of the first fault and of no other. */
  readonly onFault: (message: string) => void;
}

/**
 * For several processes of one host. Whoever emits waits for nothing: events are written in the turn after it, into
 * the page cache, so that nothing waits for the disk either. The file is opened by the first event.
 */
export function openEventLog({ root, config, now, onFault }: EventLogOptions): EventLog {
  const mask = masker(secretsOf(config));
  let hasFailed = false;
  let file: LogFile | undefined;
  let waiting: JsonValue[] = [];
  const timestampOf = timestamps();
  const fail = (error: unknown): void => {
    if (hasFailed) return;
    hasFailed = true;
    onFault(`${storageError('Cannot write the event log', error).message}; runs go on without it`);
  };
  const flush = (): void => {
    const events = waiting;
    waiting = [];
    if (events.length === 0) return;
    try {
      file ??= openFile(root);
      file.write(events.map(mask));
    } catch (error) {
      fail(error);
    }
  };
  return {
    emit(event) {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ timestamp: timestampOf(now()), ...event });
    },
    async close() {
      flush();
      file?.close();
      file = undefined; // what is told later opens it anew, and meets no descriptor that is another file's by then
    },
  };
}

/** ISO 8601. Events come many in one millisecond. */
function timestamps(): (ms: number) => string {
  let last = NaN;
  let text = '';
  return (ms) => {
    if (ms !== last) text = new Date(ms).toISOString();
    last = ms;
    return text;
  };
}

interface LogFile {
  /** What a full disk does not take is dropped. */
  write(events: readonly JsonValue[]): void;
  close(): void;
}

function openFile(root: string): LogFile {
  const folder = path.join(root, 'logs');
  makeFolder(folder);
  const fd = openSync(path.join(folder, 'execution.log'), 'a', 0o600);
  let lines = '';
  const options = {
    base: null,
    timestamp: false,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(options, { write: (line) => void (lines += line) });
  return {
    write(events) {
      for (const event of events) logger.info(event);
      const together = lines;
      lines = '';
      writeFileSync(fd, together);
    },
    close: () => closeSync(fd),
  };
}

/** Its parent must be there: a root that does not exist is not made by its log. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
}
