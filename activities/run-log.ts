/** What skills print, batched into the run's journal. */
import type { JsonObject } from '../core/json.ts';
import type { Journal, SkillLogLine } from '../core/ports.ts';
import { runLogName } from '../core/run-id.ts';

const FLUSH_MS = 200;

export interface RunLog {
  readonly write: (line: SkillLogLine) => void;
  /** Resolves when every line is stored; a log that cannot be written never fails the step. */
  close(): Promise<void>;
}

export function openRunLog(
  ports: { readonly journal: Journal; readonly now: () => number },
  runId: string,
  where: { readonly step: number; readonly attempt: number },
): RunLog {
  let waiting: JsonObject[] = [];
  let timer: NodeJS.Timeout | undefined;
  let stored = Promise.resolve();
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const entries = waiting;
    waiting = [];
    if (entries.length > 0) {
      // Losing log lines is better than failing work that was done.
      stored = stored.then(() => ports.journal.append(runLogName(runId), entries)).catch(() => undefined);
    }
    return stored;
  };
  return {
    write(line) {
      waiting.push({ at: new Date(ports.now()).toISOString(), ...where, ...line });
      timer ??= setTimeout(() => void flush(), FLUSH_MS);
    },
    close: flush,
  };
}
