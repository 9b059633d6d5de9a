import { Command, Option } from 'clipanion';
import { openRun } from '../../../client/run-records.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Journal } from '../../../core/ports.ts';
import { runLogName } from '../../../core/run-id.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';

export class RunsLogsCommand extends IdentifiedCommand {
  static override paths = [['runs', 'logs']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Print what the skills of a run wrote',
    details: 'Standard output, standard error and ctx.log of every attempt, in order.',
    examples: [['A run', 'skillos runs logs travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  runId = Option.String({ name: 'run' });

  async perform() {
    const { ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const ask = { runId: this.runId, operation: 'runs:read' } as const;
    const { id } = await openRun(ports, await this.rights(), ask);
    const entries = await readAll(ports.journal, runLogName(id));
    this.print({ text: entries.map(lineOf), json: { schema: 'skillos.logs/v1', items: entries } });
    return EXIT.ok;
  }
}

/** The journal gives a bounded part at a time. */
async function readAll(journal: Journal, log: string): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = [];
  for (let after = 0; ;) {
    const { entries, next } = await journal.read(log, after);
    all.push(...entries);
    if (next === after) return all;
    after = next;
  }
}

function lineOf(entry: JsonObject): string {
  const { at, step, attempt, stream, message, fields } = entry;
  const more = fields === undefined ? '' : ` ${JSON.stringify(fields)}`;
  return `${text(at)} ${text(step)}.${text(attempt)} ${text(stream).padEnd(6)} ${text(message)}${more}`;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
