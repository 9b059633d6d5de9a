import { Command, Option } from 'clipanion';
import { openRoot } from '../../adapters/catalog/skills-root.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Queue } from '../processes/serve-runs.ts';
import { SkillosCommand } from '../command.ts';

export class WorkerCommand extends SkillosCommand {
  static override paths = [['worker']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Run a worker in the foreground',
    details: 'After SIGTERM or Ctrl-C it accepts no new work and waits up to 30s for running steps.',
    examples: [
      ['A worker for this root', 'skillos worker --root ./skills'],
      ['A worker for jobs', 'skillos worker --queue jobs'],
    ],
  });

  queues = Option.Array('--queue', ['runs'], {
    description: 'Serve runs or jobs; repeat for both (default: runs)',
  });

  async perform() {
    const queues = [...new Set(this.queues.map(queueOf))];
    openRoot(this.config.root); // before the SDK of workers, which takes seconds to load
    const { serveRuns } = await import('../processes/serve-runs.ts');
    const { config, context } = this;
    return serveRuns({
      config,
      context,
      queues,
      note: (line) => this.note(line),
      // One line, also as JSON, because scripts that start the worker wait for it.
      onPolling: (status) => {
        const json = JSON.stringify({ schema: 'skillos.worker/v1', ...status });
        context.stdout.write(`${this.json ? json : `worker_polling: ${status.task_queue}`}\n`);
      },
    });
  }
}

function queueOf(text: string): Queue {
  if (text === 'runs' || text === 'jobs') return text;
  throw new SkillosError('usage', `Unknown --queue ${JSON.stringify(text)}: expected runs or jobs`);
}
