import { Command, Option } from 'clipanion';
import { readWholeLog } from '../../../client/runs/run-log.ts';
import { openRun } from '../../../client/runs/run-records.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { JsonObject } from '../../../core/json.ts';
import { runLogName } from '../../../core/values/run-id.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { plain } from '../../views/plain-text.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';

export class RunsLogsCommand extends SkillosCommand {
  static override paths = [['runs', 'logs']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Print the output of the skills of a run',
    details: 'Standard output, standard error and ctx.log of every attempt, in order.',
    examples: [['A run', 'skillos runs logs travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  runId = Option.String({ name: 'run' });

  async perform() {
    const { ports } = openRuntime(this);
    const runId = await runNamed(this, ports, this.runId);
    const ask = { runId, operation: 'runs:read' } as const;
    const { id } = await openRun(ports, await rightsOf(this), ask);
    const entries = await readWholeLog(ports.journal, runLogName(id));
    this.print({ text: entries.map(lineOf), json: { schema: 'skillos.logs/v1', items: entries } });
    return EXIT.ok;
  }
}

function lineOf(entry: JsonObject): string {
  const { at, step, attempt, stream, message, fields } = entry;
  const more = fields === undefined ? '' : ` ${JSON.stringify(fields)}`;
  return `${text(at)} ${text(step)}.${text(attempt)} ${text(stream).padEnd(6)} ${plain(text(message))}${more}`;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
