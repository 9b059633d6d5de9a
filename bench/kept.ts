/**
 * Runs over HTTP in an empty root and in one that keeps many runs, on files, in turns: runs a second, and CPU time a run.
 * Usage: npm run bench -- kept [kept runs] [runs a round]
 */
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Bench } from './bench.ts';
import { apiOf, firstLine, repeat, starterOf, startTemporal, systemSampleOf } from './deployment.ts';
import type { Place } from './deployment.ts';
import type { Api } from './deployment.ts';
import { makeRuns } from './lists.ts';
import { fixed, quantile, timed } from './measure.ts';
import { makeRoot } from './stage.ts';

const ROUNDS = 5;
const WARM_UP = 100;

export const keptBench: Bench = {
  summary: 'runs over HTTP in a root that keeps many runs, beside an empty one; [kept] [runs a round]',
  run: async ([kept = '100000', runs = '400']) => {
    const roots = [makeRoot(), makeRoot()] as const;
    makeRuns(roots[1], Number(kept));
    const temporal = await startTemporal(roots[0]);
    const sides: Side[] = [];
    try {
      for (const [index, root] of roots.entries()) {
        const name = index === 0 ? 'empty root' : `${kept} kept runs`;
        sides.push(await startSide(name, { root, address: temporal.address }));
      }
      for (const side of sides) await repeat(WARM_UP, () => runOnce(side));
      for (let round = 0; round < ROUNDS; round++)
        for (const side of sides) await measure(side, Number(runs));
      print(sides);
    } finally {
      for (const child of sides.flatMap(({ children }) => children)) child.kill('SIGKILL');
      await temporal.stop();
      for (const root of roots) rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

interface Side {
  readonly name: string;
  readonly api: Api;
  /** The worker and the API. */
  readonly children: readonly ChildProcess[];
  /** Of each round: runs a second, and milliseconds of CPU time a run. */
  readonly rates: number[];
  readonly cpuMs: number[];
}

async function startSide(name: string, { root, address }: Place): Promise<Side> {
  const start = starterOf({ root, address, taskQueue: name.replaceAll(' ', '-') });
  const worker = start('worker');
  await firstLine(worker);
  const server = start('serve', '--port', '0');
  return { name, api: apiOf(await firstLine(server)), children: [worker, server], rates: [], cpuMs: [] };
}

const runOnce = async ({ api }: Side): Promise<void> =>
  void (await api.post('/skills/bench.echo/run', { payload: 'hello' }));

async function measure(side: Side, runs: number): Promise<void> {
  const before = cpuOf(side);
  const ms = await timed(() => repeat(runs, () => runOnce(side)));
  side.rates.push((runs / ms) * 1000);
  side.cpuMs.push(((cpuOf(side) - before) / runs) * 1000);
}

/** Seconds. */
function cpuOf({ children }: Side): number {
  return children.reduce((sum, { pid = 0 }) => sum + systemSampleOf(pid).cpu, 0);
}

function print(sides: readonly Side[]): void {
  process.stdout.write('                    runs/s   × empty   CPU, ms a run   × empty\n');
  const [empty] = sides.map(mediansOf);
  for (const side of sides) {
    const { rate, cpuMs } = mediansOf(side);
    const ratio = (value: number, base = value) => (value / base).toFixed(2).padStart(10);
    const cells = [
      fixed(rate),
      ratio(rate, empty?.rate),
      fixed(cpuMs).padStart(16),
      ratio(cpuMs, empty?.cpuMs),
    ];
    process.stdout.write(`${side.name.padEnd(19)}${cells.join('')}\n`);
  }
}

function mediansOf({ rates, cpuMs }: Side): { readonly rate: number; readonly cpuMs: number } {
  return { rate: quantile(rates, 0.5), cpuMs: quantile(cpuMs, 0.5) };
}
