/** Starts skill processes in a process group of their own, with a small environment and bounded memory. */
import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Writable } from 'node:stream';
import type { Environment } from '../../core/settings/config.ts';
import { SANDBOX_LIMITS, SECCOMP_FD, sandboxCommand, sendFilter } from '../sandbox/sandbox.ts';
import { newMark } from './descendants.ts';
import type { Mark } from './descendants.ts';

export interface LaunchOptions {
  /** The built `child.ts`. */
  readonly childPath: string;
  /** Skills root; working directory of the process, so that relative paths start at the root. */
  readonly root: string;
  readonly memoryMb: number;
  readonly environment: Environment;
  /** Further arguments for Node, before the program. */
  readonly nodeArguments?: readonly string[];
  /** Folder to which V8 writes coverage after each call. */
  readonly coverageDir?: string;
  /** True to run in the sandbox, without the root, the environment and coverage; default false. */
  readonly isConfined?: boolean;
  /** Files that `nodeArguments` name; the sandbox shows them. */
  readonly files?: readonly string[];
}

export interface Launched {
  readonly child: ChildProcess;
  /** Environment entry of all processes that the child starts. */
  readonly mark: Mark;
  /** True if `child` is bubblewrap, with Node two processes below it. */
  readonly isConfined: boolean;
}

/** Variables that skill code receives: no setting, credential or certificate of SkillOS. */
const ENVIRONMENT = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'] as const;
/** Memory that Node maps before a skill is loaded (82 MB measured), plus code and stacks of threads. */
const NODE_MB = 128;

/** Limit of a process's data segment, for systems that can enforce it. */
export interface DataLimit {
  readonly limitBytes: number;
  /** The part of it that V8 maps at the start, whatever it uses. */
  readonly mappedBytes: number;
}

export function dataLimit(memoryMb: number): DataLimit {
  const mappedBytes = codeRangeBytes();
  return { limitBytes: (memoryMb + NODE_MB) * 1024 * 1024 + mappedBytes, mappedBytes };
}

let codeRange: number | undefined;

/**
 * From Node 24 on V8 maps its range for machine code, 512 MiB, writable at the start, which counts as data although little of it is
 * used. A skill process runs on the Node of this one, so its range is as large.
 */
function codeRangeBytes(): number {
  codeRange ??= process.platform === 'linux' ? writableCodeIn(readFileSync('/proc/self/maps', 'utf8')) : 0;
  return codeRange;
}

/**
 * The bytes of the largest range: each worker thread of a process has a range of its own, and a skill process one. `maps` is as in
 * proc(5): a line for each mapping, which begins with its addresses and its permissions.
 */
export function writableCodeIn(maps: string): number {
  const ranges = [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rwxp /gm)];
  return Math.max(0, ...ranges.map(([, from, to]) => Number(`0x${to}`) - Number(`0x${from}`)));
}

/** Returns a function that starts one process. Warns once if the system cannot bound memory. */
export function createLauncher(options: LaunchOptions): () => Launched {
  const { childPath, root, memoryMb, files = [], isConfined = false } = options;
  const env = environmentOf(options);
  const nodeArguments = [
    '--enable-source-maps',
    `--max-old-space-size=${memoryMb}`,
    ...(options.nodeArguments ?? []),
  ];
  const node = isConfined
    ? sandboxCommand({ program: childPath, nodeArguments, files })
    : [process.execPath, ...nodeArguments, childPath];
  const [command = '', ...args] = [...wrappers(options, env), ...node];
  return () => {
    const mark = newMark();
    const child = spawn(command, args, {
      cwd: root,
      env: { ...env, [mark.name]: mark.value },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...(isConfined ? (['pipe'] as const) : [])],
    });
    const filter = child.stdio?.[SECCOMP_FD] as Writable | null | undefined; // a pipe, as requested above
    if (filter) sendFilter(filter);
    return { child, mark, isConfined };
  };
}

/** Of the command; bubblewrap gives none of it to what it starts, and needs PATH alone itself. */
function environmentOf({
  environment,
  coverageDir,
  isConfined,
}: LaunchOptions): Readonly<Record<string, string>> {
  const names = isConfined === true ? ['PATH'] : ENVIRONMENT;
  const allowed = names.flatMap((name) =>
    environment[name] === undefined ? [] : [[name, environment[name]] as const],
  );
  const withCoverage = coverageDir !== undefined && isConfined !== true;
  return Object.fromEntries([
    ...allowed,
    ...(withCoverage ? [['NODE_V8_COVERAGE', coverageDir] as const] : []),
  ]);
}

/**
 * Wraps the command in prlimit, because V8's own limit excludes Buffers, and in setpriv, because a busy process does not
 * notice that its worker has ended.
 */
function wrappers({ memoryMb, isConfined }: LaunchOptions, env: NodeJS.ProcessEnv): readonly string[] {
  const limits = isConfined === true ? SANDBOX_LIMITS : [];
  const bounded = ['prlimit', `--data=${dataLimit(memoryMb).limitBytes}`, '--core=0', ...limits];
  if (isConfined === true) return bounded; // fails without prlimit; bubblewrap ends with the worker
  const mortal = ['setpriv', '--pdeathsig', 'KILL'];
  if (works(bounded, env)) return works(mortal, env) ? [...bounded, ...mortal] : bounded;
  process.emitWarning(
    'Memory of skill processes is bounded for objects only, not for Buffers: no prlimit here',
    {
      code: 'SKILLOS_SKILL_MEMORY',
    },
  );
  return [];
}

function works([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync(command, [...args, 'true'], { env, stdio: 'ignore', timeout: 5000 }).status === 0;
}
