import { Command, Option } from 'clipanion';
import { join } from 'node:path';
import { saveRecording } from '../../adapters/recording-files.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { parseRunId } from '../../core/run-id.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { openRuntime } from '../runtime.ts';

export class RecordCommand extends IdentifiedCommand {
  static override paths = [['record']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Turn a run into a test of its skill',
    details:
      'Writes what went in and what came out to tests/fixtures/ below the root; "skillos test" replays it offline, ' +
      'with the clock of then. Payload and result stand in that file as they are: look before you share it.',
    examples: [['A run', 'skillos record travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  runId = Option.String({ name: 'run' });

  async perform() {
    const runId = parseRunId(this.runId);
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const { recordRun, runToRecord } = await import('../../client/record-run.ts');
    const record = await runToRecord(runtime.ports, await this.actor(), runId);
    const temporal = await runtime.connect();
    try {
      const recording = await recordRun(runtime.ports, temporal, record);
      const file = await saveRecording(runtime.root, recording);
      this.print({
        text: `run_recorded: ${join(this.config.root, file)}`,
        json: { schema: 'skillos.recorded/v1', run_id: runId, skill: recording.skill, file },
      });
      this.note(`Replay it: skillos test ${recording.skill} --root ${this.config.root}`);
      return EXIT.ok;
    } finally {
      await temporal.close();
    }
  }
}
