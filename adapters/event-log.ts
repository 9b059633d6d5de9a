/** The event log: `<root>/logs/execution.log`, one JSON object a line, written by pino. */
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { destination, pino } from 'pino';
import type { Logger } from 'pino';
import type { Config } from '../core/config.ts';
import type { JsonObject } from '../core/json.ts';
import { masker, secretsOf } from '../core/masking.ts';
import type { EventLog } from '../core/ports.ts';
import { isErrno, storageError } from './files.ts';

/** So much waits for a disk that takes nothing; what comes on top is dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;

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
 * For several processes of one host. Each event is one write into the page cache: that takes microseconds, so none is
 * lost with its process and none waits for the disk. The file is opened by the first event.
 */
export function openEventLog({ root, config, now, onFault }: EventLogOptions): EventLog {
  const mask = masker(secretsOf(config));
  let hasFailed = false;
  let file: LogFile | undefined;
  const fail = (error: unknown): void => {
    if (hasFailed) return;
    hasFailed = true;
    onFault(`${storageError('Cannot write the event log', error).message}; runs go on without it`);
  };
  return {
    emit(event) {
      try {
        file ??= openFile(root, fail);
        const line = { timestamp: new Date(now()).toISOString(), ...event };
        file.logger.info(mask(line as unknown as JsonObject)); // plain JSON by its type
      } catch (error) {
        fail(error);
      }
    },
    close: async () => file?.close(),
  };
}

interface LogFile {
  readonly logger: Logger;
  readonly close: () => void;
}

function openFile(root: string, onError: (error: unknown) => void): LogFile {
  const folder = path.join(root, 'logs');
  makeFolder(folder);
  const fd = openSync(path.join(folder, 'execution.log'), 'a', 0o600);
  const stream = destination({ fd, sync: true, maxLength: MAX_WAITING_BYTES });
  stream.on('error', onError);
  const options = {
    base: null,
    timestamp: false,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return { logger: pino(options, stream), close: () => stream.end() };
}

/** Its parent must be there: a root that does not exist is not made by its log. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
}
