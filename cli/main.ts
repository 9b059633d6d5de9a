/** The process: its arguments, streams and signals around `runCli`. */
import { constants } from 'node:os';
import type { WriteStream } from 'node:tty';
import type { CliContext } from './context.ts';
import { runCli } from './run-cli.ts';

const interruptListeners = new Set<() => void>();

/** A signal that nobody listens to ends the process as the shell expects. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interruptListeners.size === 0) process.exit(128 + constants.signals[signal]);
    for (const listener of interruptListeners) listener();
  });
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(0);
  process.stderr.write(`Error: Cannot write the output: ${code}\n`);
  process.exit(1);
});
// Progress that nobody reads any more changes nothing of the result.
process.stderr.on('error', () => undefined);

void main();

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  process.exitCode = await runCli(argv, contextOf(argv));
}

function contextOf(argv: readonly string[]): Omit<CliContext, 'onEnd'> {
  const { env, stdin, stdout, stderr } = process;
  return {
    env,
    stdin,
    stdout,
    stderr,
    colorDepth: wantsColor(argv) ? (stdout as WriteStream).getColorDepth(env) : 1,
    isInteractive: !env['CI'] && stdin.isTTY && stderr.isTTY,
    onInterrupt(listener) {
      interruptListeners.add(listener);
      return () => void interruptListeners.delete(listener);
    },
    now: Date.now,
  };
}

/** Colour needs a terminal on stdout; `NO_COLOR` and `--no-color` say no, `--color` only says yes to a terminal. */
function wantsColor(argv: readonly string[]): boolean {
  return process.stdout.isTTY && !process.env['NO_COLOR'] && !argv.includes('--no-color');
}
