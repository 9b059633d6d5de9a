/** Runs skills in two pools of processes: the operator's own code, and in the sandbox what must not be trusted. */
import { existsSync } from 'node:fs';
import { SkillosError } from '../../core/errors/errors.ts';
import type { SkillHooks } from '../../core/runs/skill-host.ts';
import { loadBundle } from '../skill-code/bundle-store.ts';
import { Pool, hostClosed } from './pool.ts';
import type { PoolOptions, SkillPool } from './pool.ts';

export interface SkillHostOptions extends Omit<PoolOptions, 'isConfined'> {
  /** Whose code runs in the sandbox: that of packages and of skills that ask for it, or all. Default `packages`. */
  readonly sandbox?: 'packages' | 'all';
  /** Puts a bundle into `storeDir` that is missing there; default: it is missing for good. */
  readonly fetchBundle?: (hash: string) => Promise<void>;
}

interface Place {
  readonly pool: SkillPool;
  /** Those of a package. */
  readonly hosts?: readonly string[];
}

/**
 * Opens a pool and starts its first process at once, so call it only if skills will run; that of the sandbox starts with the first
 * call that needs it. An idle pool does not keep this process alive. A call's timeout counts from the moment at which a process
 * takes it. Calls that need the sandbox reject with `sandbox_unavailable` where it does not start.
 */
export function openSkillHost({
  sandbox = 'packages',
  fetchBundle,
  ...options
}: SkillHostOptions): SkillPool {
  if (!existsSync(options.childPath)) {
    throw new SkillosError('internal', 'The program of skill processes is not built', {
      hint: 'npm run build',
    });
  }
  const trusted = sandbox === 'all' ? undefined : new Pool(options);
  let confined: Pool | undefined;
  let isClosed = false;
  const places = new Map<string, Place>();

  async function placeOf(hash: string): Promise<Place> {
    const known = places.get(hash);
    if (known !== undefined) return known;
    if (isClosed) throw hostClosed();
    await fetchBundle?.(hash);
    const { sandbox: isConfined, hosts } = await loadBundle(options.storeDir, hash);
    if (isClosed) throw hostClosed(); // while the bundle was read
    const pool =
      isConfined !== true && trusted ? trusted : (confined ??= new Pool({ ...options, isConfined: true }));
    const place = { pool, ...(hosts && { hosts }) };
    places.set(hash, place);
    return place;
  }

  return {
    async run(call, hooks) {
      const { pool, hosts } = await placeOf(call.step.hash);
      return pool.run(call, hosts === undefined ? hooks : limitedTo(hosts, hooks));
    },
    check: async (hash, skill) => (await placeOf(hash)).pool.check(hash, skill),
    describe: async (hash, skill) => (await placeOf(hash)).pool.describe(hash, skill),
    async close() {
      isClosed = true;
      await Promise.all([trusted?.close(), confined?.close()]);
    },
  };
}

function limitedTo(hosts: readonly string[], { onConnectorCall, ...hooks }: SkillHooks): SkillHooks {
  if (onConnectorCall === undefined) return hooks;
  return { ...hooks, onConnectorCall: (call, signal) => onConnectorCall(call, signal, hosts) };
}
