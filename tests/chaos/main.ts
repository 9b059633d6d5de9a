/**
 * `npm run chaos -- --minutes N`: kills and pauses the processes of a deployment at random while orders are sent to it, and checks
 * at the end that nothing was lost or doubled. Linux only.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isInFlight } from '../../core/runs/run.ts';
import { stopPostgresServers } from '../support/postgres.ts';
import { stopRedisServers } from '../support/redis.ts';
import { Observer, firingsOf, processesOf } from './evidence.ts';
import type { Firing } from './evidence.ts';
import { injectFaults } from './faults.ts';
import { findingsOf } from './invariants.ts';
import { Load } from './orders.ts';
import { randomOf } from './random.ts';
import { documentOf, listed, tableOf } from './report.ts';
import type { ChaosReport } from './report.ts';
import { startTopology } from './topology.ts';
import type { Storage, Topology } from './topology.ts';

const USAGE = 'Usage: npm run chaos -- --minutes <N> [--seed <S>] [--storage files|postgres] [--json]';
/** Whoever still waits after so long without any progress, with all processes up, hangs. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 1000;
const PROGRESS_MS = 15_000;

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly storage: Storage;
  readonly json: boolean;
}

function optionsOf(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      storage: { type: 'string', default: 'postgres' },
      json: { type: 'boolean', default: false },
    },
  });
  const { storage, json } = values;
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  const isStorage = storage === 'files' || storage === 'postgres';
  if (!(minutes > 0 && minutes <= 600) || !Number.isInteger(seed) || !isStorage) return undefined;
  return { minutes, seed, storage, json };
}

const began = performance.now();

function note(line: string): void {
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
}

async function chaos({ minutes, seed, storage }: Options, topology: Topology): Promise<ChaosReport> {
  const random = randomOf(seed);
  const observer = new Observer(topology);
  const { SKILLOS_APPROVAL_TOKEN: approvalToken = '', SKILLOS_WEBHOOK_SECRET: webhookSecret = '' } =
    topology.env;
  const load = new Load({ url: topology.url, approvalToken, webhookSecret, random: randomOf(seed + 1) });
  await load.untilReady();
  const to = Date.now() + minutes * 60_000;
  const firing = { from: await load.addSchedule(to), to };
  note(`the API answers; faults begin, for ${minutes} min`);
  const until = AbortSignal.timeout(Math.max(0, to - Date.now()));
  const parts = [...topology.servers, ...topology.processes];
  const acknowledged = () => load.orders.filter(({ runId }) => runId !== undefined).length;
  const progress = setInterval(() => {
    note(`${load.orders.length} orders, ${acknowledged()} acknowledged; repeated: ${listed(load.repeated)}`);
  }, PROGRESS_MS);
  const loaded = load.run(until);
  const faults = await injectFaults({ parts, random, until, note, progress: acknowledged });
  note('faults are over, all processes are up');
  const hanging = await untilQuiet({ observer, load, loaded, firing });
  clearInterval(progress);
  await loaded;
  const evidence = await observer.evidence(load, firing);
  await observer.close();
  await topology.stop();
  const findings = findingsOf({ ...evidence, orphans: processesOf(topology.folder) });
  const ends = topology.processes.map(({ name, ends: codes }) => [name, codes] as const);
  return { seed, minutes, storage, faults, findings, hanging, ends, repeated: load.repeated, evidence };
}

/** Resolves when nothing is in flight, or to what still is when nothing has changed for `PATIENCE_MS`. */
async function untilQuiet({
  observer,
  load,
  loaded,
  firing,
}: {
  readonly observer: Observer;
  readonly load: Load;
  readonly loaded: Promise<void>;
  readonly firing: Firing;
}): Promise<readonly string[]> {
  let isLoaded = false;
  void loaded.then(() => (isLoaded = true));
  let [before, since] = ['', performance.now()];
  for (;;) {
    const waiting = await inFlight(observer, load, firing);
    if (waiting.length === 0 && isLoaded) return [];
    const now = waiting.join('\n');
    if (now !== before) [before, since] = [now, performance.now()];
    if (performance.now() - since > PATIENCE_MS) {
      load.abandon();
      return waiting.length === 0 ? ['a request to the API'] : waiting;
    }
    await delay(LOOK_MS);
  }
}

async function inFlight(observer: Observer, load: Load, firing: Firing): Promise<readonly string[]> {
  const records = await observer.records();
  const ids = new Set(records.map(({ id }) => id));
  const open = [...(await observer.workflows())].filter(([, status]) => status === 'RUNNING');
  const reservations = [...(await observer.limits()).values()].flatMap((limits) =>
    Object.keys(limits.reservations),
  );
  return [
    ...load.orders.filter(({ runId }) => runId === undefined).map(({ id }) => `${id} is not acknowledged`),
    ...records.filter(({ status }) => isInFlight(status)).map(({ id, status }) => `${id} is ${status}`),
    ...open.map(([id]) => `the workflow ${id} is open`),
    ...reservations.map((key) => `${key} holds a reservation`),
    ...firingsOf(firing)
      .filter((id) => !ids.has(id))
      .map((id) => `${id} has not fired`),
  ];
}

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  if (options === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const { seed, storage, json } = options;
  note(`seed ${seed}, storage ${storage}`);
  const topology = await startTopology(storage);
  note(`logs and state: ${topology.folder}`);
  try {
    const report = await chaos(options, topology);
    process.stdout.write(json ? `${JSON.stringify(documentOf(report))}\n` : tableOf(report));
    const isBroken = documentOf(report).status === 'broken';
    if (isBroken) {
      const replacer = (_: string, value: unknown) => (value instanceof Map ? [...value] : value);
      writeFileSync(join(topology.folder, 'evidence.json'), JSON.stringify(report, replacer, 2));
      note(`broken: seed ${seed}; logs and what was found are kept in ${topology.folder}`);
    } else {
      rmSync(topology.folder, { recursive: true, force: true });
    }
    return isBroken ? 1 : 0;
  } finally {
    await topology.stop();
    await Promise.all([stopPostgresServers(), stopRedisServers()]);
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main();
