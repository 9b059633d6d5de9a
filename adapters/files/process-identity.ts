/** Identifies a process beyond its pid, and checks if it is alive. find-process and ps-list know neither boot nor PID namespace. */
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { isErrno } from './files.ts';

export interface ProcessIdentity {
  readonly host: string;
  /** Boot id: changes with every start of the machine. */
  readonly boot: string;
  /** PID namespace; a pid is valid only within it. */
  readonly namespace: string;
  readonly pid: number;
  /** Start time in the system's format; distinguishes a process from a later one with the same pid. */
  readonly started: string;
}

const UNKNOWN = 'unknown';
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
let own: Promise<ProcessIdentity> | undefined;

/** Identity of this process; read once. */
export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= readOwnIdentity();
  return own;
}

/**
 * Returns `foreign` for a process on another host or in another PID namespace, which cannot be checked. A process of an
 * earlier boot of this host is dead. An unknown start time counts as alive.
 */
export async function livenessOf(other: ProcessIdentity): Promise<'alive' | 'dead' | 'foreign'> {
  const self = await ownIdentity();
  if (other.boot !== self.boot) return other.host === self.host ? 'dead' : 'foreign';
  if (other.namespace !== self.namespace) return 'foreign';
  if (!pidExists(other.pid)) return 'dead';
  const started = await startOf(other.pid);
  return started === UNKNOWN || other.started === UNKNOWN || started === other.started ? 'alive' : 'dead';
}

async function readOwnIdentity(): Promise<ProcessIdentity> {
  const [boot, namespace, started] = await Promise.all([
    bootId(),
    readlink('/proc/self/ns/pid').catch(() => UNKNOWN),
    startOf(process.pid),
  ]);
  return { host: hostname(), boot, namespace, pid: process.pid, started };
}

function bootId(): Promise<string> {
  if (process.platform === 'darwin') return outputOf('sysctl', ['-n', 'kern.bootsessionuuid']);
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => UNKNOWN,
  );
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isErrno(error, 'ESRCH'); // EPERM: it exists and belongs to another user
  }
}

/** Returns the start time of a live process; `gone` for a zombie. */
async function startOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') return outputOf('ps', ['-o', 'lstart=', '-p', String(pid)]);
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Fields of proc(5) from the third on; the second, the name in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, threads, started] = [fields[0], fields[17], fields[19]];
  // A killed process is a zombie before its last thread has left the kernel, where it may still finish a rename.
  if (state === 'Z' && Number(threads) <= 1) return 'gone';
  return started ?? UNKNOWN;
}

/** Runs a command with a fixed locale and time zone, because `lstart` is compared between processes. */
async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const { execFile } = await import('node:child_process'); // loaded only where needed: Linux does not need it
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      env: { LC_ALL: 'C', TZ: 'UTC0', PATH: SYSTEM_PATH },
    });
    return stdout.trim() || UNKNOWN;
  } catch {
    return UNKNOWN; // without the tool the process counts as alive
  }
}
