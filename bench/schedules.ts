/**
 * Many schedules on files: a page of `schedule list` as a whole process, beside Node alone, and in one that has listed before.
 * Then what a start of a worker costs after Temporal has lost its database, beside the same number of Schedules created by
 * Temporal's client alone, and when nothing is to be repaired.
 * Usage: npm run bench -- schedules [schedules]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScheduleSpec } from '@temporalio/client';
import { intlZones } from '../adapters/machine/zones.ts';
import { packageFile } from '../adapters/machine/package.ts';
import { openPorts } from '../adapters/open.ts';
import type { SchedulePorts } from '../client/schedules/ports.ts';
import { zoneOf } from '../client/schedules/ports.ts';
import { CONCURRENCY as REPAIRED_AT_ONCE, repairSchedules } from '../client/schedules/repair.ts';
import { listSchedules } from '../client/schedules/schedules.ts';
import { connectTemporal } from '../client/temporal/connection.ts';
import type { Temporal } from '../client/temporal/connection.ts';
import { scheduleItem } from '../core/schedules/schedule-document.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import type { Timing } from '../core/schedules/timing.ts';
import { parseConfig } from '../core/settings/config.ts';
import { parseSkillId } from '../core/values/skill-id.ts';
import { startServerInMemory } from '../tests/support/temporal-server.ts';
import { RUN_WORKFLOW } from '../workflows/messages.ts';
import type { Bench } from './bench.ts';
import { fixed, quantile, timed } from './measure.ts';

const ROUNDS = 5;
const PAGE = { limit: 100 };
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
const PRINCIPAL = { subject: 'bench', roles: [], via: 'local' } as const;
const RIGHTS = {
  principal: PRINCIPAL,
  tenant: 'default',
  production: false,
  file: { status: 'absent' },
} as const;

export const schedulesBench: Bench = {
  summary: 'listing schedules, and repairing them after Temporal has lost its database; [schedules]',
  run: async ([count = '10000']) => {
    const root = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
    const env = { ...process.env, SKILLOS_ROOT: root, SKILLOS_STORAGE_BACKEND: 'file' };
    const { state, ports: clients } = openPorts(parseConfig(env), Date.now);
    const ports: SchedulePorts = { ...clients, zones: intlZones };
    try {
      makeFiles(root, Number(count));
      listAsProcesses(env);
      await listHere(ports);
      await repair(ports, Number(count));
    } finally {
      await state.close();
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

/** Writes the files of the store without syncing each. */
function makeFiles(root: string, count: number): void {
  const folder = join(root, 'runtime', 'records', 'schedules');
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < count; n++) {
    const schedule = scheduleOf(n);
    writeFileSync(join(folder, `${schedule.id}.json`), `${JSON.stringify(schedule)}\n`);
  }
}

function scheduleOf(n: number): Schedule {
  const id = `bench-${String(n).padStart(6, '0')}`;
  const at = '2026-01-01T00:00:00Z';
  const request = {
    plan: { kind: 'step', step: { skill: parseSkillId('bench/echo') } },
    payload: { value: 'hello' },
    principal: PRINCIPAL,
    tenant: 'default',
    askedAt: at,
    schedule: id,
  } as const;
  return {
    id,
    tenant: 'default',
    skill: 'bench/echo',
    request,
    timing: timingOf(n),
    zone: ZONES[n % ZONES.length] as string,
    overlap: 'skip',
    catchupSeconds: 3600,
    enabled: true,
    since: at,
    fired: [],
    firedCount: 0,
    skipped: [],
    createdAt: at,
  };
}

/** Nine in ten are daily, at any minute; the others have an interval of hours. */
function timingOf(n: number): Timing {
  if (n % 10 === 0) return { kind: 'every', seconds: 3600 * (6 + (n % 7)) };
  return { kind: 'cron', expressions: [`${n % 60} ${n % 24} * * ${n % 3 === 0 ? '1-5' : '*'}`] };
}

function listAsProcesses(env: NodeJS.ProcessEnv): void {
  const processes = {
    'node -e 0, a process': ['-e', '0'],
    'schedule list, a process': [packageFile('dist/skillos.mjs'), 'schedule', 'list'],
  };
  const times = Object.entries(processes).map(([name, argv]) => ({ name, argv, ms: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, argv, ms } of times) {
      const began = performance.now();
      const { status } = spawnSync(process.execPath, argv, { env, maxBuffer: 1e8 });
      if (status !== 0) throw new Error(`${name} ended with ${String(status)}`);
      ms.push(performance.now() - began);
    }
  }
  for (const { name, ms } of times) print(name, ms);
}

async function listHere(ports: SchedulePorts): Promise<void> {
  const read: number[] = [];
  const all: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    read.push(await timed(() => listSchedules(ports, RIGHTS, PAGE)));
    all.push(
      await timed(async () => {
        const now = ports.now();
        const { items } = await listSchedules(ports, RIGHTS, PAGE);
        for (const each of items) {
          scheduleItem(each, { now, offsetAt: zoneOf(ports, each).offsetAt });
        }
      }),
    );
  }
  print('reading the records', read);
  print('as GET /schedules does', all);
}

/** Each side on a new server. */
async function repair(ports: SchedulePorts, count: number): Promise<void> {
  await onServer(async (temporal) => {
    const ms = await timed(() => createBare(temporal, count));
    process.stdout.write(`by Temporal's client alone: ${count} schedules in ${(ms / 1000).toFixed(1)} s\n`);
  });
  await onServer(async (temporal) => {
    for (const what of ['repair after a loss', 'nothing to repair']) {
      let repaired = 0;
      const ms = await timed(async () => {
        repaired = await repairSchedules(ports, temporal, noteProgress);
      });
      process.stdout.write(`${what}: ${repaired} schedules in ${(ms / 1000).toFixed(1)} s\n`);
    }
  });
}

async function onServer(work: (temporal: Temporal) => Promise<void>): Promise<void> {
  const server = await startServerInMemory();
  const target = { address: server.address, namespace: 'default', taskQueue: 'bench', local: false };
  const temporal = await connectTemporal(target);
  try {
    await work(temporal);
  } finally {
    await temporal.close();
    await server.stop();
  }
}

/** The times of the records as Temporal's own cron expressions, with as many calls at once as the repair makes. */
async function createBare({ client, target }: Temporal, count: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const { id, request, timing, zone } = scheduleOf(next++);
      const { taskQueue } = target;
      await client.schedule.create({
        scheduleId: id,
        spec: bareSpec(timing, zone),
        action: { type: 'startWorkflow', workflowType: RUN_WORKFLOW, taskQueue, args: [request] },
      });
    }
  };
  await Promise.all(Array.from({ length: REPAIRED_AT_ONCE }, lane));
}

function bareSpec(timing: Timing, timezone: string): ScheduleSpec {
  if (timing.kind === 'every') return { intervals: [{ every: timing.seconds * 1000 }] };
  return { cronExpressions: timing.kind === 'cron' ? [...timing.expressions] : [], timezone };
}

function noteProgress(done: number, all: number): void {
  if (done % 1000 === 0 && done < all) process.stdout.write(`  ${done} of ${all}\n`);
}

function print(what: string, ms: readonly number[]): void {
  process.stdout.write(
    `${what.padEnd(26)}p50 ${fixed(quantile(ms, 0.5))} ms, max ${fixed(Math.max(...ms))} ms\n`,
  );
}
