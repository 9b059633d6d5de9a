/** The entry of the process: passes arguments, streams and signals to `runCli`. */
import { constants } from 'node:os';
import type { WriteStream } from 'node:tty';
import { bypassProxies } from '../adapters/machine/loopback.ts';
import { takeEnvironment } from '../adapters/machine/own-environment.ts';
import { runCli } from './run-cli.ts';
import type { OuterContext } from './run-cli.ts';

bypassProxies(process.env);
/** Taken first, so that no other process of this user reads secrets from `/proc`. */
const env = takeEnvironment(process.env);

const interruptListeners = new Set<() => void>();

/** Without a listener a signal ends the process as the shell expects. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interruptListeners.size === 0) process.exit(128 + constants.signals[signal]);
    for (const listener of interruptListeners) listener();
  });
}

// A reader that closes the pipe early (`| head`) is not an error.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(0);
  process.stderr.write(`Error: Cannot write the output: ${code}\n`);
  process.exit(1);
});
// If stderr is closed, the result is not affected.
process.stderr.on('error', () => undefined);

void main();

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  process.exitCode = await runCli(argv, contextOf(argv));
}

function contextOf(argv: readonly string[]): OuterContext {
  const { stdin, stdout, stderr } = process;
  return {
    env,
    stdin,
    stdout,
    stderr,
    isPiped: !stdout.isTTY,
    colorDepth: wantsColor(argv) ? (stdout as WriteStream).getColorDepth(env) : 1,
    isInteractive: !env['CI'] && stdin.isTTY && stderr.isTTY,
    onInterrupt(listener) {
      interruptListeners.add(listener);
      return () => void interruptListeners.delete(listener);
    },
    now: Date.now,
  };
}

/** Colours need a terminal on stdout; `NO_COLOR` and `--no-color` turn them off. `--color` has no effect. */
function wantsColor(argv: readonly string[]): boolean {
  return process.stdout.isTTY && !env['NO_COLOR'] && !argv.includes('--no-color');
}
