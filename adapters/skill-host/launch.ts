/** How a skill process is started: in its own process group, with little environment and bounded memory. */
import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import process from 'node:process';
import type { Environment } from '../../core/config.ts';

export interface LaunchOptions {
  /** The built `child.ts`. */
  readonly childPath: string;
  /** Working directory: a relative path in a skill means what it means to whoever stands in the root. */
  readonly root: string;
  readonly memoryMb: number;
  readonly environment: Environment;
  /** More arguments for Node, before the program. */
  readonly nodeArguments?: readonly string[];
  /** Where what V8 saw executed is written after each call. */
  readonly coverageDir?: string;
}

/** All that skill code sees of the worker's environment: no setting, credential or certificate of SkillOS. */
const ENVIRONMENT = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'] as const;
/** What Node itself maps before any skill is loaded (82 MB measured), and room for code and stacks of threads. */
const NODE_MB = 128;

/** What the system grants a process for its data, where it can bound it. */
export function dataLimitBytes(memoryMb: number): number {
  return (memoryMb + NODE_MB) * 1024 * 1024;
}

/** Prepares to start processes; warns, once, where the system cannot bound their memory. */
export function createLauncher({
  childPath,
  root,
  memoryMb,
  environment,
  nodeArguments = [],
  coverageDir,
}: LaunchOptions): () => ChildProcess {
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
  return () =>
    spawn(command, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
}

/** V8's own limit does not see Buffers, and a process that loops does not see its worker die: the system sees both. */
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
