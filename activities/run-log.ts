/** Writes the output of skills to the log of their run, in batches. */
import type { JsonObject } from '../core/json.ts';
import type { SkillLogLine } from '../core/runs/skill-host.ts';
import type { Journal } from '../core/storage/journal.ts';
import { runLogName } from '../core/values/run-id.ts';

const FLUSH_MS = 200;

export interface RunLog {
  readonly write: (line: SkillLogLine) => void;
  /** Resolves when every line is stored, or dropped because the log cannot be written. */
  close(): Promise<void>;
}

export function openRunLog(
  ports: { readonly journal: Journal; readonly now: () => number },
  runId: string,
  where: { readonly step: number; readonly attempt: number; readonly rollback?: true },
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
      // Log lines are dropped, because an error here would fail a step that has had its effect.
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
