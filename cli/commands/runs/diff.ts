import { Command, Option } from 'clipanion';
import { formatDuration } from '../../../core/duration.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { Change, RunDiff } from '../../../core/run-diff.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';

/** Longer values are cut; --json has them whole. */
const MAX_VALUE = 120;

export class RunsDiffCommand extends IdentifiedCommand {
  static override paths = [['runs', 'diff']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Hold two runs side by side: what was asked, the code, what went in and out, the outcome',
    details: 'What differs, as far as Temporal keeps both histories; and how long each step took.',
    examples: [
      [
        'A run and its repetition',
        'skillos runs diff pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BD',
      ],
    ],
  });

  before = Option.String({ name: 'run' });
  after = Option.String({ name: 'other' });

  async perform() {
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const { compareRuns, runsToCompare } = await import('../../../client/compare-runs.ts');
    const runs = await runsToCompare(runtime.ports, await this.rights(), [this.before, this.after]);
    const temporal = await runtime.connect();
    const compared = await compareRuns(runtime.ports, temporal, runs).finally(() => temporal.close());
    this.print({
      text: linesOf(compared),
      json: {
        schema: 'skillos.run_diff/v1',
        before: runs[0].id,
        after: runs[1].id,
        ...(compared as unknown as JsonObject), // plain JSON by its type
      },
    });
    return EXIT.ok;
  }
}

function linesOf({ changes, timing }: RunDiff): readonly string[] {
  return [
    ...(changes.length === 0 ? ['no_differences'] : changes.map(changeLine)),
    'timing',
    ...timing.map(({ what, before, after }) => `  ${what}: ${time(before)} → ${time(after)}`),
  ];
}

function changeLine({ path, before, after }: Change): string {
  return `${path}: ${short(before)} → ${short(after)}`;
}

function time(ms: number | undefined): string {
  return ms === undefined ? 'none' : formatDuration(ms);
}

function short(value: JsonValue | undefined): string {
  if (value === undefined) return 'none';
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}…`;
}
