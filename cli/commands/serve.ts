import { Command, Option } from 'clipanion';
import { SkillosError } from '../../core/errors.ts';
import { SkillosCommand } from '../command.ts';

export class ServeCommand extends SkillosCommand {
  static override paths = [['serve']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Serve the REST API until told to stop',
    details:
      'Without a key for tokens it listens on this machine only, and not in production. On SIGTERM or Ctrl-C ' +
      'it answers what has begun, up to 30s.',
    examples: [
      ['On this machine', 'skillos serve'],
      ['For others, who need tokens', 'skillos serve --host 0.0.0.0 --port 8000'],
    ],
  });

  host = Option.String('--host', { description: 'Where to listen (default: SKILLOS_API_HOST)' });
  port = Option.String('--port', {
    description: 'Port; 0 takes any that is free (default: SKILLOS_API_PORT)',
  });

  async perform() {
    const { serveApi } = await import('../serve-api.ts');
    const { config, context } = this;
    return serveApi({
      config,
      context,
      host: this.host ?? config.apiHost,
      port: this.port === undefined ? config.apiPort : portOf(this.port),
      note: (line) => this.note(line),
      // One line, also as JSON: whoever started this server waits for it.
      onListening: (url) => {
        const json = JSON.stringify({
          schema: 'skillos.server/v1',
          status: 'listening',
          url,
          pid: process.pid,
        });
        context.stdout.write(`${this.json ? json : `api_listening: ${url}`}\n`);
      },
    });
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new SkillosError('usage', `Invalid --port ${JSON.stringify(text)}: expected 0 to 65535`);
}
