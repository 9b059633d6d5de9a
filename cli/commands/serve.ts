import { Command, Option } from 'clipanion';
import { SkillosError } from '../../core/errors/errors.ts';
import { SkillosCommand } from '../command.ts';

export class ServeCommand extends SkillosCommand {
  static override paths = [['serve']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Serve the REST API in the foreground',
    details:
      'Without a key for tokens it listens on loopback only, and not in production. After SIGTERM or Ctrl-C ' +
      'it completes requests in progress for at most 30s.',
    examples: [
      ['On this machine', 'skillos serve'],
      ['For other machines, with tokens', 'skillos serve --host 0.0.0.0 --port 8000'],
    ],
  });

  host = Option.String('--host', { description: 'Address to listen on (default: SKILLOS_API_HOST)' });
  port = Option.String('--port', {
    description: 'Port; 0 selects a free one (default: SKILLOS_API_PORT)',
  });

  async perform() {
    const { serveApi } = await import('../processes/serve-api.ts');
    const { config, context } = this;
    return serveApi({
      config,
      context,
      host: this.host ?? config.apiHost,
      port: this.port === undefined ? config.apiPort : portOf(this.port),
      note: (line) => this.note(line),
      // One line, also as JSON, because scripts that start the server wait for it.
      onListening: (url) => {
        const json = JSON.stringify({
          schema: 'skillos.server/v1',
          status: 'listening',
          url,
          pid: process.pid,
        });
        context.stdout.write(`${this.json ? json : `api_listening: ${url}`}\n`);
        this.note(`pages: ${url}/ui`);
      },
    });
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new SkillosError('usage', `Invalid --port ${JSON.stringify(text)}: expected 0 to 65535`);
}
