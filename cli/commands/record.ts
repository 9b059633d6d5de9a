import { Command, Option } from 'clipanion';
import { join } from 'node:path';
import { saveRecording } from '../../adapters/testing/recording-files.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../command.ts';
import { actorOf, identityOptions } from '../input/identity.ts';
import { runNamed } from '../input/run-argument.ts';
import { openRuntime } from '../runtime.ts';

export class RecordCommand extends SkillosCommand {
  static override paths = [['record']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Record a run as a test of its skill',
    details:
      'Writes its input and output to tests/fixtures/ below the root; "skillos test" replays them offline, ' +
      'with the clock of the run. Calls of connectors are part of it if the worker ran with SKILLOS_RECORD_CALLS=1. ' +
      'The file contains payload and result unchanged: check it before you share it.',
    examples: [['A run', 'skillos record travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  runId = Option.String({ name: 'run' });

  async perform() {
    const runtime = openRuntime(this);
    const runId = await runNamed(this, runtime.ports, this.runId);
    const { recordRun, runToRecord } = await import('../../client/runs/record-run.ts');
    const record = await runToRecord(runtime.ports, await actorOf(this), runId);
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
