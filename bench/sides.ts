/** Deployments that are measured in turns: runs over HTTP a second, and processor time a run. */
import type { ChildProcess } from 'node:child_process';
import { apiOf, firstLine, repeat, starterOf, systemSampleOf } from './deployment.ts';
import type { Place } from './deployment.ts';
import { fixed, quantile, timed } from './measure.ts';

export interface Side {
  readonly name: string;
  readonly run: () => Promise<unknown>;
  /** Seconds of processor time so far. */
  readonly cpu: () => number;
  /** Of each round: runs a second, and milliseconds of processor time a run. */
  readonly rates: number[];
  readonly cpuMs: number[];
}

export interface StartedSide extends Side {
  readonly children: readonly ChildProcess[];
}

export async function startSide(
  name: string,
  place: Omit<Place, 'taskQueue'>,
  workers = 1,
): Promise<StartedSide> {
  const start = starterOf({ ...place, taskQueue: name.replaceAll(' ', '-') });
  const children: ChildProcess[] = [];
  for (let n = 0; n < workers; n++) {
    const worker = start('worker');
    children.push(worker);
    await firstLine(worker);
  }
  const server = start('serve', '--port', '0');
  children.push(server);
  const api = apiOf(await firstLine(server));
  const run = () => api.post('/skills/bench.echo/run', { payload: 'hello' });
  const cpu = () => children.reduce((sum, { pid = 0 }) => sum + systemSampleOf(pid).cpu, 0);
  return { name, run, cpu, children, rates: [], cpuMs: [] };
}

/** Each round measures all sides, one after another. */
export async function measureSides(
  sides: readonly Side[],
  { warmUp, rounds, runs }: { readonly warmUp: number; readonly rounds: number; readonly runs: number },
): Promise<void> {
  for (const { run } of sides) await repeat(warmUp, async () => void (await run()));
  for (let round = 0; round < rounds; round++) for (const side of sides) await measure(side, runs);
}

async function measure({ run, cpu, rates, cpuMs }: Side, runs: number): Promise<void> {
  const before = cpu();
  const ms = await timed(() => repeat(runs, async () => void (await run())));
  rates.push((runs / ms) * 1000);
  cpuMs.push(((cpu() - before) / runs) * 1000);
}

/** Medians of the rounds, beside the first side. */
export function printSides(sides: readonly Side[]): void {
  process.stdout.write('                    runs/s   × first   CPU, ms a run   × first\n');
  const [first] = sides.map(mediansOf);
  for (const side of sides) {
    const { rate, cpuMs } = mediansOf(side);
    const ratio = (value: number, base = value) => (value / base).toFixed(2).padStart(10);
    const cells = [
      fixed(rate),
      ratio(rate, first?.rate),
      fixed(cpuMs).padStart(16),
      ratio(cpuMs, first?.cpuMs),
    ];
    process.stdout.write(`${side.name.padEnd(19)}${cells.join('')}\n`);
  }
}

function mediansOf({ rates, cpuMs }: Side): { readonly rate: number; readonly cpuMs: number } {
  return { rate: quantile(rates, 0.5), cpuMs: quantile(cpuMs, 0.5) };
}
