import { Command, Option } from 'clipanion';
import { writeAtomic } from '../../../adapters/files/files.ts';
import { openRun } from '../../../client/runs/run-records.ts';
import { chromeTrace } from '../../../core/runs/chrome-trace.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { traceDocument } from '../../../core/runs/trace-document.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';
import { traceLines } from '../../views/trace-view.ts';

export class RunsTraceCommand extends SkillosCommand {
  static override paths = [['runs', 'trace']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show the steps of a run as a tree: inputs, outputs, attempts and times',
    details:
      'Read from the history, as long as Temporal keeps it. --output writes a file that Perfetto ' +
      '(ui.perfetto.dev) and chrome://tracing open.',
    examples: [
      ['A run', 'skillos runs trace pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      ['As a picture', 'skillos runs trace pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --output trace.json'],
    ],
  });

  identity = identityOptions();
  runId = Option.String({ name: 'run' });
  output = Option.String('--output', {
    description: 'Write a trace file for Perfetto; replaces an existing file',
  });

  async perform() {
    const runtime = openRuntime(this);
    const { id: runId } = await openRun(runtime.ports, await rightsOf(this), {
      runId: await runNamed(this, runtime.ports, this.runId),
      operation: 'runs:read',
    });
    const { readTrace } = await import('../../../client/runs/read-trace.ts');
    const temporal = await runtime.connect();
    const traced = await readTrace(runtime.ports, temporal, runId).finally(() => temporal.close());
    if (this.output !== undefined) await writeTrace(this.output, JSON.stringify(chromeTrace(traced)));
    this.print({
      text: traceLines(traced, { values: true, times: true }),
      json: {
        ...traceDocument(traced),
        ...(this.output === undefined ? {} : { written: this.output }),
      },
    });
    if (this.output !== undefined) this.note(`trace_written: ${this.output}`);
    return EXIT.ok;
  }
}

async function writeTrace(path: string, text: string): Promise<void> {
  try {
    await writeAtomic(path, text);
  } catch (error) {
    throw new SkillosError('input_unreadable', `Cannot write trace file ${JSON.stringify(path)}`, {
      cause: error,
    });
  }
}
