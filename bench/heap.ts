/**
 * Memory that runs leave in the API, the worker, the Temporal server and a `runs watch` that follows one long run meanwhile:
 * after a quarter of the runs and after all, each time after a rest and a garbage collection; and the rate of each quarter.
 * Usage: npm run bench -- heap [runs] [executed|watched|parked|cancelled …]
 */
import type { ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { apiOf, firstLine, heapOf, repeat, starterOf, startTemporal, systemSampleOf } from './deployment.ts';
import type { Api } from './deployment.ts';
import { fixed, timed } from './measure.ts';
import { makeRoot } from './stage.ts';

const QUARTERS = 4;
/** Time for long polls, timers and connections to end. */
const REST_MS = 20_000;
const MB = 1024 * 1024;

const KINDS: Readonly<Record<string, (api: Api) => Promise<void>>> = {
  executed: async ({ post }) => void (await post('/skills/bench.echo/run', { payload: 'hello' })),
  watched: async ({ post, url }) => {
    const { run_id: run } = await post('/skills/bench.echo/run', { payload: 'hello', wait_seconds: 0 });
    await (await fetch(`${url}/runs/${run}/events`)).text();
  },
  parked: async ({ post }) => {
    const { run_id: run } = await post('/skills/bench.pay/run', { payload: 'hello', wait_seconds: 30 });
    await post(`/runs/${run}/cancel`);
  },
  cancelled: async ({ post }) => {
    const { run_id: run } = await post('/skills/bench.slow/run', { payload: 'hello', wait_seconds: 0 });
    await post(`/runs/${run}/cancel`);
  },
};

const SLOW =
  "import { setTimeout } from 'node:timers/promises';\nexport const run = (_: string, { signal }: { signal: AbortSignal }) => setTimeout(86_000_000, undefined, { signal });\n";

export const heapBench: Bench = {
  summary: 'memory that runs leave in API, worker, Temporal and a watch; [runs] [kind of run …]',
  run: async ([runs = '2000', ...kinds]) => {
    const root = makeRoot();
    addSkill(root, 'pay', { manifest: 'side_effects: destructive\n' });
    addSkill(root, 'slow', { manifest: 'timeout: 24h\n', code: SLOW });
    const temporal = await startTemporal(root);
    const start = starterOf({ root, address: temporal.address });
    const children: Record<string, ChildProcess> = {};
    try {
      children['worker'] = start('worker');
      await firstLine(children['worker']);
      children['API'] = start('serve', '--port', '0');
      const api = apiOf(await firstLine(children['API']));
      const long = await api.post('/skills/bench.slow/run', { payload: 'hello', wait_seconds: 0 });
      children['watch'] = start('runs', 'watch', long.run_id);
      const subject = { api, children, temporal: temporal.pid, runs: Number(runs) };
      for (const kind of kinds.length === 0 ? Object.keys(KINDS) : kinds) await measure(subject, kind);
    } finally {
      for (const child of Object.values(children)) child.kill('SIGKILL'); // a worker would wait for the long run
      await temporal.stop();
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

interface Subject {
  readonly api: Api;
  readonly children: Readonly<Record<string, ChildProcess>>;
  /** Pid of the server. */
  readonly temporal: number;
  readonly runs: number;
}

/** Of one process: bytes of its JavaScript heap and buffers, bytes resident in memory, and seconds of CPU time. */
interface Sample {
  readonly heap?: number;
  readonly resident: number;
  readonly cpu: number;
}

type Samples = Readonly<Record<string, Sample>>;

async function measure(subject: Subject, kind: string): Promise<void> {
  const perform = KINDS[kind];
  if (perform === undefined) throw new Error(`Expected a kind of run, got "${kind}"`);
  const quarter = Math.ceil(subject.runs / QUARTERS);
  const samples: Samples[] = [await samplesAfterRest(subject, 0)];
  const rates: string[] = [];
  for (let round = 1; round <= QUARTERS; round++) {
    const took = await timed(() => repeat(quarter, () => perform(subject.api)));
    rates.push(((quarter / took) * 1000).toFixed(1));
    if (round === 1 || round === QUARTERS) samples.push(await samplesAfterRest(subject, REST_MS));
  }
  process.stdout.write(
    `\n${quarter * QUARTERS} runs, ${kind}; runs a second by quarter: ${rates.join(', ')}\n`,
  );
  printTable(samples, quarter);
}

const HEAD = ['heap, MB', '', 'KB a run', 'RSS, MB', '', 'KB a run', 'CPU, ms a run', ''];

/** Prints what each process held after a quarter and after all runs, and its CPU time in the first quarter and in the rest. */
function printTable([start = {}, first = {}, last = {}]: readonly Samples[], quarter: number): void {
  const rest = quarter * (QUARTERS - 1);
  process.stdout.write(`${row('', HEAD)}\n`);
  for (const [name, to] of Object.entries(last)) {
    const [before, from] = [start[name] ?? to, first[name] ?? to];
    const bytes = (a?: number, b?: number) =>
      a === undefined || b === undefined
        ? ['', '', '']
        : [fixed(a / MB), fixed(b / MB), ((b - a) / 1024 / rest).toFixed(2)];
    const cpu = [(from.cpu - before.cpu) / quarter, (to.cpu - from.cpu) / rest];
    const cells = [...bytes(from.heap, to.heap), ...bytes(from.resident, to.resident)];
    process.stdout.write(`${row(name, [...cells, ...cpu.map((seconds) => fixed(seconds * 1000))])}\n`);
  }
}

function row(name: string, cells: readonly string[]): string {
  return `${name.padEnd(10)}${cells.map((cell) => cell.trim().padStart(10)).join('')}`;
}

async function samplesAfterRest({ children, temporal }: Subject, restMs: number): Promise<Samples> {
  await delay(restMs);
  const samples: Record<string, Sample> = {};
  for (const [name, child] of Object.entries(children)) {
    samples[name] = { heap: await heapOf(child), ...systemSampleOf(child.pid as number) };
  }
  return { ...samples, Temporal: systemSampleOf(temporal) };
}

interface Skill {
  readonly manifest: string;
  readonly code?: string;
}

function addSkill(
  root: string,
  name: string,
  { manifest, code = 'export const run = () => 1;\n' }: Skill,
): void {
  const head = `id: bench/${name}\nname: ${name}\ndescription: For a benchmark\nversion: 1.0.0\n`;
  const entrypoint = `entrypoint: implementations.bench.${name}:run\n`;
  writeFileSync(join(root, 'metadata', 'bench', `${name}.yaml`), head + entrypoint + manifest);
  writeFileSync(join(root, 'implementations', 'bench', `${name}.ts`), code);
}
