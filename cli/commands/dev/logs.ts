import { readFile } from 'node:fs/promises';
import { Command, Option } from 'clipanion';
import { engineFiles, realRoot } from '../../../temporal-dev/client/engine-record.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { plain } from '../../views/plain-text.ts';

const PARTS = ['engine', 'server', 'worker'] as const;
const MAX_LINES = 10_000;

export class DevLogsCommand extends SkillosCommand {
  static override paths = [['dev', 'logs']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Print the last lines of the local engine’s logs',
    examples: [
      ['All three', 'skillos dev logs'],
      ['If the worker does not start', 'skillos dev logs --part worker --lines 200'],
    ],
  });

  part = Option.String('--part', { description: `One of ${PARTS.join(', ')}; all of them by default` });
  lines = Option.String('--lines', '20', { description: `At most this many of each, up to ${MAX_LINES}` });

  async perform() {
    const files = engineFiles(this.config, this.context.env, await realRoot(this.config.root));
    const logs = { engine: files.engineLog, server: files.serverLog, worker: files.workerLog };
    const count = countOf(this.lines);
    const items = await Promise.all(
      partsOf(this.part).map(async (part) => ({ part, lines: await lastLines(logs[part], count) })),
    );
    this.print({
      text: items.flatMap(({ part, lines }) => lines.map((line) => `${part}  ${plain(line)}`)),
      json: { schema: 'skillos.engine_logs/v1', items },
    });
    return EXIT.ok;
  }
}

/** Returns no lines if the log does not exist yet. */
async function lastLines(file: string, count: number): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-count);
}

function partsOf(text: string | undefined): readonly (typeof PARTS)[number][] {
  if (text === undefined) return PARTS;
  const part = PARTS.find((name) => name === text);
  if (part !== undefined) return [part];
  throw new SkillosError('usage', `Unknown --part ${JSON.stringify(text)}: expected ${PARTS.join(', ')}`);
}

function countOf(text: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_LINES) return count;
  throw new SkillosError('usage', `Invalid --lines ${JSON.stringify(text)}: expected 1 to ${MAX_LINES}`);
}
