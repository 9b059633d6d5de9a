/** Starts skill processes in a process group of their own, with a small environment and bounded memory. */
import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import process from 'node:process';
import type { Environment } from '../../core/settings/config.ts';
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
}

export interface Launched {
  readonly child: ChildProcess;
  /** Environment entry of all processes that the child starts. */
  readonly mark: Mark;
}

/** Variables that skill code receives: no setting, credential or certificate of SkillOS. */
const ENVIRONMENT = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'] as const;
/** Memory that Node maps before a skill is loaded (82 MB measured), plus code and stacks of threads. */
const NODE_MB = 128;

/** Limit of a process's data segment in bytes, for systems that can enforce it. */
export function dataLimitBytes(memoryMb: number): number {
  return (memoryMb + NODE_MB) * 1024 * 1024;
}

/** Returns a function that starts one process. Warns once if the system cannot bound memory. */
export function createLauncher({
  childPath,
  root,
  memoryMb,
  environment,
  nodeArguments = [],
  coverageDir,
}: LaunchOptions): () => Launched {
  const allowed = ENVIRONMENT.flatMap((name) =>
    environment[name] === undefined ? [] : [[name, environment[name]] as const],
  );
  const env = Object.fromEntries([
    ...allowed,
    ...(coverageDir === undefined ? [] : [['NODE_V8_COVERAGE', coverageDir] as const]),
  ]);
  const flags = ['--enable-source-maps', `--max-old-space-size=${memoryMb}`, ...nodeArguments];
  const node = [process.execPath, ...flags, childPath];
  const [command = '', ...args] = [...wrappers(memoryMb, env), ...node];
  return () => {
    const mark = newMark();
    const child = spawn(command, args, {
      cwd: root,
      env: { ...env, [mark.name]: mark.value },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    return { child, mark };
  };
}

/**
 * Wraps the command in prlimit, because V8's own limit excludes Buffers, and in setpriv, because a busy process does not
 * notice that its worker has ended.
 */
function wrappers(memoryMb: number, env: NodeJS.ProcessEnv): readonly string[] {
  const bounded = ['prlimit', `--data=${dataLimitBytes(memoryMb)}`, '--core=0'];
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
