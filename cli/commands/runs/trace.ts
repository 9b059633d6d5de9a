import { Command, Option } from 'clipanion';
import { writeAtomic } from '../../../adapters/files.ts';
import { openRun } from '../../../client/run-records.ts';
import { chromeTrace } from '../../../core/chrome-trace.ts';
import { SkillosError } from '../../../core/errors.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { traceDocument } from '../../../core/trace-document.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';
import { traceLines } from '../../trace-view.ts';

export class RunsTraceCommand extends IdentifiedCommand {
  static override paths = [['runs', 'trace']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show what a run did: the tree of its steps, what went in and out, how often and how long',
    details:
      'All of it from the history, as long as Temporal keeps that. --output writes a file that Perfetto ' +
      '(ui.perfetto.dev) and chrome://tracing open.',
    examples: [
      ['A run', 'skillos runs trace pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      ['As a picture', 'skillos runs trace pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --output trace.json'],
    ],
  });

  runId = Option.String({ name: 'run' });
  output = Option.String('--output', {
    description: 'Write a trace file for Perfetto; it replaces what is there',
  });

  async perform() {
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const { id: runId } = await openRun(runtime.ports, await this.rights(), {
      runId: this.runId,
      operation: 'runs:read',
    });
    const { readTrace } = await import('../../../client/read-trace.ts');
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
