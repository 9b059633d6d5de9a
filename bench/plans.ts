/**
 * Ten steps in order and ten at once through SkillOS beside the same by hand, interleaved; and plans as large as they
 * may be. Usage: npm run bench -- plans [rounds]
 */
import { parallelOf, sequenceOf } from '../core/plans/plan-steps.ts';
import { MAX_STEPS } from '../core/plans/plan.ts';
import type { RequestedStep, Plan } from '../core/plans/plan.ts';
import type { Bench } from './bench.ts';
import { fixed, quantile, timed } from './measure.ts';
import { ECHO, onStage } from './stage.ts';
import type { Stage } from './stage.ts';

const WARM_UP = 10;
const SIZE = 10;
const LARGE_GROUP = 200;

export const plansBench: Bench = {
  summary: 'pipelines and groups beside hand-written workflows, and the largest plans; [rounds]',
  run: async ([rounds = '60']) => {
    await onStage(async (stage) => {
      await printBeside(stage, Number(rounds));
      await printLarge(stage);
    });
    return 0;
  },
};

const chain = (length: number): Plan<RequestedStep> => sequenceOf(Array.from({ length }, () => ECHO));
const group = (size: number): Plan<RequestedStep> => parallelOf(Array.from({ length: size }, () => ECHO));

async function printBeside(stage: Stage, rounds: number): Promise<void> {
  const pairs = [
    {
      name: `${SIZE} steps in order`,
      sides: [
        stage.bare({ name: 'bareChain', args: ['hello', SIZE] }, false),
        stage.ours(chain(SIZE), false),
        stage.ours(chain(SIZE), true),
      ],
    },
    {
      name: `${SIZE} at once`,
      sides: [
        stage.bare({ name: 'bareGroup', args: ['hello', SIZE] }, false),
        stage.ours(group(SIZE), false),
        stage.ours(group(SIZE), true),
      ],
    },
  ];
  process.stdout.write('latency (ms)                                p50    p95   × by hand\n');
  for (const { name, sides } of pairs) {
    const times = sides.map(() => [] as number[]);
    for (let round = -WARM_UP; round < rounds; round++) {
      for (const [index, side] of sides.entries()) {
        const took = await timed(() => side.run(round));
        if (round >= 0) times[index]?.push(took);
      }
    }
    const base = quantile(times[0] as number[], 0.5);
    for (const [index, side] of sides.entries()) {
      const [p50, p95] = [0.5, 0.95].map((q) => quantile(times[index] as number[], q)) as [number, number];
      const label = `${name}, ${side.name}`.padEnd(40);
      process.stdout.write(`${label}${fixed(p50)}${fixed(p95)}${(p50 / base).toFixed(2).padStart(8)}\n`);
    }
    const [byHand, ours] = await stage.events();
    process.stdout.write(`${`${name}, events`.padEnd(40)}by hand ${byHand}, SkillOS ${ours}\n`);
  }
}

async function printLarge(stage: Stage): Promise<void> {
  const plans = [
    [`${MAX_STEPS} steps in order`, chain(MAX_STEPS), MAX_STEPS],
    [`${LARGE_GROUP} at once`, group(LARGE_GROUP), LARGE_GROUP],
  ] as const;
  process.stdout.write('\nlarge plans                      seconds  events  a step\n');
  for (const [name, plan, steps] of plans) {
    const took = await timed(() => stage.ours(plan, false).run(0));
    const [, events] = await stage.events().catch(() => [0, 0] as const);
    const columns = [(took / 1000).toFixed(1), String(events), (events / steps).toFixed(2)];
    process.stdout.write(`${name.padEnd(33)}${columns.map((text) => text.padStart(7)).join(' ')}\n`);
  }
}
