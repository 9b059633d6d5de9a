import { Command } from 'clipanion';
import { SkillosCommand } from '../command.ts';

export class WorkerCommand extends SkillosCommand {
  static override paths = [['worker']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Serve runs until told to stop',
    details:
      'Stays in the foreground. On SIGTERM or Ctrl-C it takes nothing new and lets running steps end, up to 30s.',
    examples: [['A worker for this root', 'skillos worker --root ./skills']],
  });

  async perform() {
    const { serveRuns } = await import('../serve-runs.ts');
    const { config, context } = this;
    return serveRuns({
      config,
      context,
      note: (line) => this.note(line),
      // One line, also as JSON: whoever started this worker waits for it.
      onPolling: (status) => {
        const json = JSON.stringify({ schema: 'skillos.worker/v1', ...status });
        context.stdout.write(`${this.json ? json : `worker_polling: ${status.task_queue}`}\n`);
      },
    });
  }
}
