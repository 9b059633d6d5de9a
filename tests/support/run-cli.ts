/** The CLI in this process, with streams in memory. */
import { Readable, Writable } from 'node:stream';
import { runCli as runWithContext } from '../../cli/run-cli.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** The whole environment: nothing is taken over from the process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Gets the function that acts as Ctrl-C. */
  readonly onReady?: (interrupt: () => void) => void;
}

export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const out = new TextSink();
  const err = new TextSink();
  const listeners = new Set<() => void>();
  options.onReady?.(() => {
    for (const listener of listeners) listener();
  });
  const code = await runWithContext(argv, {
    env: { ...options.env },
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: out,
    stderr: err,
    colorDepth: 1,
    isInteractive: false,
    onInterrupt(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    now: Date.now,
  });
  return { code, stdout: out.text, stderr: err.text };
}

class TextSink extends Writable {
  text = '';

  override _write(chunk: Buffer | string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
