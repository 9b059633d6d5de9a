/**
 * One skill through SkillOS beside a hand-written workflow that calls the same skill in the same skill host, on one
 * Temporal server, interleaved. Usage: npm run bench -- run [rounds]
 */
import type { Bench } from './bench.ts';
import { fixed, quantile, timed } from './measure.ts';
import { ECHO, onStage } from './stage.ts';
import type { Side } from './stage.ts';

const WARM_UP = 20;
const IN_FLIGHT = 50;

export const runBench: Bench = {
  summary: 'one skill beside a hand-written workflow: latency, throughput, events; [rounds]',
  run: async ([rounds = '200']) => {
    await benchRun(Number(rounds));
    return 0;
  },
};

async function benchRun(rounds: number): Promise<void> {
  await onStage(async (stage) => {
    const bare = { name: 'bare', args: ['hello'] };
    const sides = [
      stage.bare(bare, false),
      stage.bare(bare, true),
      stage.ours(ECHO, false),
      stage.ours(ECHO, true),
    ];
    for (const side of sides) for (let i = 0; i < WARM_UP; i++) await side.run(i);
    await printLatency(sides, rounds);
    await printThroughput(sides, rounds);
    const [byHand, ours] = await stage.events();
    process.stdout.write(`\nevents a run: by hand ${byHand}, SkillOS ${ours}\n`);
  });
}

async function printLatency(sides: readonly Side[], rounds: number): Promise<void> {
  const times = sides.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) times[index]?.push(await timed(() => side.run(round)));
  }
  process.stdout.write('latency, sequential (ms)      p50    p95   × bare\n');
  const base = quantile(times[0] as number[], 0.5);
  for (const [index, side] of sides.entries()) {
    const p50 = quantile(times[index] as number[], 0.5);
    const p95 = quantile(times[index] as number[], 0.95);
    process.stdout.write(
      `${side.name.padEnd(28)}${fixed(p50)}${fixed(p95)}${(p50 / base).toFixed(2).padStart(8)}\n`,
    );
  }
}

async function printThroughput(sides: readonly Side[], rounds: number): Promise<void> {
  const total = Math.max(rounds, IN_FLIGHT * 4);
  const rates = sides.map(() => [] as number[]);
  for (let pass = 0; pass < 3; pass++) {
    for (const [index, side] of sides.entries()) rates[index]?.push(await rateOf(side, total));
  }
  process.stdout.write(`\nthroughput, ${IN_FLIGHT} in flight (runs/s)  × bare\n`);
  const base = quantile(rates[0] as number[], 0.5);
  for (const [index, side] of sides.entries()) {
    const rate = quantile(rates[index] as number[], 0.5);
    process.stdout.write(`${side.name.padEnd(28)}${fixed(rate)}${(rate / base).toFixed(2).padStart(8)}\n`);
  }
}

async function rateOf(side: Side, total: number): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) await side.run(next++);
  };
  const took = await timed(async () => {
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  });
  return (total / took) * 1000;
}
