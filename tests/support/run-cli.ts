/** The CLI in this process, with streams in memory: for tables over all commands, which would take minutes as processes. */
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
}

export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const out = new TextSink();
  const err = new TextSink();
  const code = await runWithContext(argv, {
    env: { ...options.env },
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: out,
    stderr: err,
    isPiped: true,
    colorDepth: 1,
    isInteractive: false,
    onInterrupt: () => () => undefined,
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
