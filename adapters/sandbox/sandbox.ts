/**
 * The sandbox for code that nobody here wrote: the command line of bubblewrap (`man bwrap`) for a Node process with namespaces of
 * its own, no network, no environment, and of the file system only Node, its libraries and one program, all read-only.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { ARCHITECTURES, seccompProgram } from './seccomp.ts';

export interface SandboxedProgram {
  /** Path of the program. */
  readonly program: string;
  /** Arguments for Node, before the program. */
  readonly nodeArguments: readonly string[];
  /** Further files that the process sees, read-only and under the same paths. */
  readonly files?: readonly string[];
}

/** File descriptor from which bubblewrap reads the seccomp program, and which it closes then. */
export const SECCOMP_FD = 4;
/** The only folder that can be written: in memory, empty at the start, gone with the process. */
export const SANDBOX_FOLDER = '/tmp';

/** Where the program is. */
export const SANDBOX_PROGRAM = '/app/program.mjs';

const NODE = '/app/node';
/** Node 22.15 and newer could become a program that the code has written to its folder. */
const NO_EXECVE = '--import=data:text/javascript,delete%20process.execve';
const TEMP_BYTES = 64 * 1024 * 1024;
const NOBODY = '65534';
const TIMEOUT_MS = 5000;

const NAMESPACES = ['user', 'ipc', 'pid', 'net', 'uts', 'cgroup'].map((name) => `--unshare-${name}`);
const RIGHTS = [
  ['--disable-userns', '--cap-drop', 'ALL', '--uid', NOBODY, '--gid', NOBODY],
  ['--die-with-parent', '--new-session', '--clearenv', '--hostname', 'sandbox'],
].flat();
const DEVICES = ['/dev/null', '/dev/urandom'];

/** Limits of one process, and the sandbox has only one, for `prlimit`. An hour of CPU time is for its whole life. */
export const SANDBOX_LIMITS = ['--nofile=256', `--fsize=${TEMP_BYTES}`, '--cpu=3600'];

/** The command; its file descriptor 4 must deliver `sendFilter`. */
export function sandboxCommand({ program, nodeArguments, files = [] }: SandboxedProgram): readonly string[] {
  return [
    ['bwrap', ...NAMESPACES, ...RIGHTS],
    librariesOf(process.execPath).flatMap((file) => ['--ro-bind', file, file]),
    ['--ro-bind', realpathSync(process.execPath), NODE],
    ['--ro-bind', realpathSync(program), SANDBOX_PROGRAM],
    DEVICES.flatMap((file) => ['--dev-bind', file, file]),
    ['--size', String(TEMP_BYTES), '--tmpfs', SANDBOX_FOLDER],
    files.flatMap((file) => ['--ro-bind', file, file]),
    ['--remount-ro', '/', '--chdir', SANDBOX_FOLDER, '--seccomp', String(SECCOMP_FD)],
    [NODE, '--no-addons', NO_EXECVE, ...nodeArguments, SANDBOX_PROGRAM],
  ].flat();
}

/** Sends the seccomp program. On a processor without one nothing is sent, and bubblewrap refuses to start. */
export function sendFilter(pipe: Writable): void {
  pipe.on('error', () => undefined); // bubblewrap has ended, which is reported as such
  const architecture = Object.entries(ARCHITECTURES).find(([name]) => name === process.arch)?.[1];
  pipe.end(architecture === undefined ? 'no program' : seccompProgram(architecture));
}

/** Resolves to what keeps the sandbox from starting here, and to undefined if it starts. */
export async function sandboxProblem(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  let command: readonly string[];
  try {
    command = sandboxCommand({ program: process.execPath, nodeArguments: ['--version'] });
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    return error.message;
  }
  const child = spawn('prlimit', [...SANDBOX_LIMITS, ...command], {
    env: { PATH: env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe', 'ignore', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const failure = new Promise<string>((resolve) => child.once('error', () => resolve(reasonIn(''))));
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  sendFilter(child.stdio[SECCOMP_FD] as Writable); // a pipe, as requested above
  const printed = text(child.stdio[2] as Readable); // likewise
  const ended = printed.then(async (output) => {
    if ((await code) === 0) return undefined;
    return child.signalCode === 'SIGKILL' ? `it did not start within ${TIMEOUT_MS} ms` : reasonIn(output);
  });
  return Promise.race([failure, ended]);
}

type End = Pick<ChildProcess, 'exitCode' | 'signalCode'>;

/** Bubblewrap reports the end of Node by a signal as exit code 128 plus its number. */
export function endInSandbox({ exitCode, signalCode }: End): End {
  const found = Object.entries(constants.signals).find(([, number]) => exitCode === 128 + number);
  return { exitCode, signalCode: (found?.[0] as NodeJS.Signals | undefined) ?? signalCode }; // the keys are signals
}

/** `output` is what the processes of the launch printed before they ended. */
export function sandboxUnavailable(output: string): SkillosError {
  return new SkillosError('sandbox_unavailable', `The sandbox does not start here: ${reasonIn(output)}`);
}

function reasonIn(output: string): string {
  if (/execute bwrap|bwrap: No such file/.test(output)) return 'bubblewrap (bwrap) is not installed';
  const [line = ''] = output.trim().split('\n');
  return line === '' ? 'bubblewrap (bwrap) or prlimit is not installed' : line;
}

/** The shared libraries of a program; none if it is linked statically. */
function librariesOf(program: string): readonly string[] {
  const { stdout, error } = spawnSync('ldd', [program], { encoding: 'utf8', timeout: TIMEOUT_MS });
  if (error !== undefined) throw sandboxUnavailable(`ldd does not run: ${error.message}`);
  return [...(stdout ?? '').matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, file]) => file as string); // the group always matches
}
