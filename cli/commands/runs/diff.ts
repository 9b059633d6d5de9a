import { Command, Option } from 'clipanion';
import { formatDuration } from '../../../core/values/duration.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { JsonValue } from '../../../core/json.ts';
import type { Change, RunDiff } from '../../../core/runs/run-diff.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';

/** Longer values are cut; --json contains them in full. */
const MAX_VALUE = 120;

export class RunsDiffCommand extends SkillosCommand {
  static override paths = [['runs', 'diff']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Compare two runs: request, code, inputs, outputs and outcome',
    details: 'Shows differences and the duration of each step, as long as Temporal keeps both histories.',
    examples: [
      [
        'A run and its repetition',
        'skillos runs diff pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BD',
      ],
    ],
  });

  identity = identityOptions();
  before = Option.String({ name: 'run' });
  after = Option.String({ name: 'other' });

  async perform() {
    const runtime = openRuntime(this);
    const { compareRuns, diffDocument, runsToCompare } = await import('../../../client/runs/compare-runs.ts');
    const ids = [
      await runNamed(this, runtime.ports, this.before),
      await runNamed(this, runtime.ports, this.after),
    ] as const;
    const runs = await runsToCompare(runtime.ports, await rightsOf(this), ids);
    const temporal = await runtime.connect();
    const compared = await compareRuns(runtime.ports, temporal, runs).finally(() => temporal.close());
    this.print({
      text: linesOf(compared),
      json: diffDocument(runs, compared),
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
