/** The built program in a pseudo-terminal, and the screen that a person sees. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import xterm from '@xterm/headless';
import { packageFile } from '../../adapters/machine/package.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly size: TerminalSize;
  readonly cwd?: string;
}

export interface TerminalProcess {
  /** Resolves to all that was written up to the end of the first match; rejects if the command ends without one. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves to all that the command wrote, with its control sequences. */
  readonly ended: Promise<string>;
}

export function startInTerminal(
  argv: readonly string[],
  { env, size: { columns, rows }, cwd }: TerminalOptions,
): TerminalProcess {
  const words = [process.execPath, packageFile('dist/skillos.mjs'), ...argv].map((word) => `'${word}'`);
  const command = `stty cols ${columns} rows ${rows}; exec ${words.join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', LANG: 'C.UTF-8', ...env },
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let written = '';
  let isOver = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written += text));
  const ended = once(child, 'close').then(() => {
    isOver = true;
    return written;
  });
  return {
    ended,
    async until(pattern) {
      for (;;) {
        const match = pattern.exec(written);
        if (match !== null) return written.slice(0, match.index + match[0].length);
        if (isOver) throw new Error(`The command ended without ${pattern}: ${JSON.stringify(written)}`);
        await Promise.race([once(child.stdout, 'data'), ended]);
      }
    },
  };
}

/** Resolves to the lines on the screen, without empty ones at its end. A line that takes several rows is one line. */
export async function screenOf(written: string, { columns, rows }: TerminalSize): Promise<readonly string[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(written, resolve));
  const { active } = terminal.buffer;
  const lines: string[] = [];
  for (let row = active.baseY; row < active.baseY + rows; row++) {
    const line = active.getLine(row);
    const text = line?.translateToString() ?? '';
    if (line?.isWrapped === true && lines.length > 0) lines.push(`${lines.pop()}${text}`);
    else lines.push(text);
  }
  terminal.dispose();
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()
    .split('\n');
}
