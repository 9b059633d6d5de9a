/** The event log `<root>/logs/execution.log`: one JSON object per line, formatted by pino. */
import { closeSync, fstatSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { Config } from '../../core/settings/config.ts';
import type { JsonValue } from '../../core/json.ts';
import { masker, secretsOf } from '../../core/settings/masking.ts';
import type { EventLog } from '../../core/telemetry/events.ts';
import { isErrno, storageError } from '../files/files.ts';

export interface EventLogOptions {
  readonly root: string;
  /** Secrets in these settings are masked in every event. */
  readonly config: Partial<Config>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Called with the first fault only. */
  readonly onFault: (message: string) => void;
}

/**
 * Several processes of one host may append. `emit` returns at once: events are written in the next turn of the event loop,
 * into the page cache, without a sync. The first event opens the file, and so does the first one after it was renamed, so
 * that a log can be rotated while processes write to it.
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
      if (file?.isMoved() === true) {
        file.close();
        file = undefined;
      }
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
      file = undefined; // a later event opens the file again instead of using a closed descriptor
    },
  };
}

/** Formats ISO 8601, and caches the last text because many events share one millisecond. */
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
  /** True if another file, or none, has its name: then the log was rotated. */
  isMoved(): boolean;
  /** Events that a full disk does not accept are dropped. */
  write(events: readonly JsonValue[]): void;
  close(): void;
}

function openFile(root: string): LogFile {
  const folder = path.join(root, 'logs');
  makeFolder(folder);
  const file = path.join(folder, 'execution.log');
  const fd = openSync(file, 'a', 0o600);
  const { ino, dev } = fstatSync(fd);
  let lines = '';
  const options = {
    base: null,
    timestamp: false,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(options, { write: (line) => void (lines += line) });
  return {
    isMoved() {
      const present = statSync(file, { throwIfNoEntry: false });
      return present?.ino !== ino || present.dev !== dev;
    },
    write(events) {
      for (const event of events) logger.info(event);
      const together = lines;
      lines = '';
      writeFileSync(fd, together);
    },
    close: () => closeSync(fd),
  };
}

/** Not recursive: the log must not create a missing skills root. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
}
