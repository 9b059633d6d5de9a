/** `npm run bench -- <name> [args]`. */
import type { Bench } from './bench.ts';

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  api: async () => (await import('./api.ts')).apiBench,
  cli: async () => (await import('./cli.ts')).cliBench,
  connectors: async () => (await import('./connectors.ts')).connectorsBench,
  costs: async () => (await import('./costs.ts')).costsBench,
  engine: async () => (await import('./engine.ts')).engineBench,
  gc: async () => (await import('./gc.ts')).gcBench,
  prepare: async () => (await import('./prepare.ts')).prepareBench,
  run: async () => (await import('./run.ts')).runBench,
  heap: async () => (await import('./heap.ts')).heapBench,
  kept: async () => (await import('./kept.ts')).keptBench,
  jobs: async () => (await import('./jobs.ts')).jobsBench,
  redis: async () => (await import('./redis.ts')).redisBench,
  marketplace: async () => (await import('./marketplace.ts')).marketplaceBench,
  plans: async () => (await import('./plans.ts')).plansBench,
  lists: async () => (await import('./lists.ts')).listsBench,
  schedules: async () => (await import('./schedules.ts')).schedulesBench,
  storage: async () => (await import('./storage.ts')).storageBench,
  webhooks: async () => (await import('./webhooks.ts')).webhooksBench,
  routing: async () => (await import('./routing.ts')).routingBench,
};

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (load !== undefined) return (await load()).run(args);
  process.stderr.write(`Expected the name of a benchmark, got "${name}": npm run bench -- <name>\n`);
  for (const [known, open] of Object.entries(BENCHES)) {
    process.stderr.write(`  ${known.padEnd(12)}${(await open()).summary}\n`);
  }
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
