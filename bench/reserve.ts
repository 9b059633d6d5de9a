/** A process of the storage benchmark: `reserve <times>` makes that many claims at once after a message. */
import { once } from 'node:events';
import { openState } from '../adapters/storage/state.ts';
import { parseConfig } from '../core/settings/config.ts';
import { LIMITS_KIND, claimLimits } from '../core/limits/limits.ts';
import type { Limits } from '../core/limits/limits.ts';

const config = parseConfig(process.env);
const { records, close } = openState(config);
const steps = [{ number: 1, skill: 'bench/skill' }];

async function reserve(key: string): Promise<void> {
  const claim = { key, steps, now: Date.now(), settings: config };
  await records.update<Limits>(LIMITS_KIND, 'default', (current) => claimLimits(current, claim).limits);
}

await records.get(LIMITS_KIND, 'default');
process.stdout.write('ready\n');
await once(process.stdin, 'data');
await Promise.all(
  Array.from({ length: Number(process.argv[2]) }, (_, n) => reserve(`bench.skill-${process.pid}/${n}`)),
);
process.stdout.write('done\n');
await close();
process.stdin.destroy();
