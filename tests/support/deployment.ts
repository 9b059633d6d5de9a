/** A deployment of its own for one test file: a skills root, a task queue, and workers on the tests' Temporal server. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import type { Worker } from '@temporalio/worker';
import { ulid } from 'ulid';
import { openWorkerPorts } from '../../activities/open-ports.ts';
import type { WorkerPorts } from '../../activities/ports.ts';
import { createWorker } from '../../activities/worker.ts';
import { carry, uncarry } from '../../adapters/carrying.ts';
import { openCatalog } from '../../adapters/catalog.ts';
import { loadJsonSchemas } from '../../adapters/json-schema.ts';
import { packageFile } from '../../adapters/package.ts';
import { openState } from '../../adapters/state.ts';
import { isGone } from '../../client/gone.ts';
import { connectTemporal } from '../../client/connection.ts';
import type { Temporal } from '../../client/connection.ts';
import type { ClientPorts } from '../../client/ports.ts';
import { parseConfig } from '../../core/config.ts';
import { signDecision, signRequest } from '../../core/request-signature.ts';
import { tempFolder } from './temp-folder.ts';

function temporalAddress(): string {
  const address = process.env['SKILLOS_TEST_TEMPORAL'];
  if (address === undefined) throw new Error('Expected a Temporal server from the global set-up');
  return address;
}

export interface SkillFiles {
  /** Body of the module; exports `run`. */
  readonly code: string;
  /** Lines added to the manifest. */
  readonly manifest?: string;
}

/** A root with the given skills, by id. */
export function rootWith(skills: Readonly<Record<string, SkillFiles>>): string {
  const root = tempFolder();
  for (const [id, { code, manifest = '' }] of Object.entries(skills))
    writeSkill(root, id, { code, manifest });
  return root;
}

export function writeSkill(root: string, id: string, { code, manifest = '' }: SkillFiles): void {
  write(join(root, 'implementations', `${id}.ts`), code);
  write(
    join(root, 'metadata', `${id}.yaml`),
    `id: ${id}\nname: ${id}\ndescription: ${id} for a test\nversion: 1.0.0\nentrypoint: implementations.${id.replace('/', '.')}:run\n${manifest}`,
  );
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

export interface Deployment {
  readonly root: string;
  readonly taskQueue: string;
  readonly ports: ClientPorts;
  readonly temporal: Temporal;
  /** A worker in this process; `through` stands between it and what it needs of the world. */
  startWorker(through?: (ports: WorkerPorts) => WorkerPorts): Promise<RunningWorker>;
  /** Environment that makes the CLI use this deployment. */
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

interface RunningWorker {
  readonly worker: Worker;
  stop(): Promise<void>;
}

/** So many runs as tests make cost more than a day's default budget; how many processes skills get is plenty. */
const SETTINGS = {
  SKILLOS_BUDGET_PER_REQUEST: '1000',
  SKILLOS_BUDGET_DAILY: '100000',
  SKILLOS_BUDGET_MONTHLY: '100000',
  SKILLOS_SKILL_PROCESSES: '8',
  SKILLOS_SKILL_MEMORY_MB: '256',
} as const;

/** `settings`: environment on top, for both sides; such as those of a storage backend. */
export async function openDeployment(
  root: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Deployment> {
  const taskQueue = `test-${ulid().toLowerCase()}`;
  const address = temporalAddress();
  const temporal = await connectTemporal({ address, namespace: 'default', taskQueue, local: false });
  const config = parseConfig({ ...SETTINGS, ...settings, SKILLOS_ROOT: root });
  const { serverKey } = config;
  const state = openState(config);
  const catalogs = openCatalog(root);
  const workers: RunningWorker[] = [];
  const ports: ClientPorts = {
    catalogs,
    records: state.records,
    journal: state.journal,
    values: {
      carry: (value) => carry(value, state.blobs),
      uncarry: (carried) => uncarry(carried, state.blobs),
    },
    loadSchemas: loadJsonSchemas,
    now: Date.now,
    ...(serverKey === undefined
      ? {}
      : {
          sign: (runId, request) => signRequest(serverKey, runId, request),
          signDecision: (runId, decision) => signDecision(serverKey, runId, decision),
        }),
  };
  return {
    root,
    taskQueue,
    ports,
    temporal,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: root,
      TEMPORAL_ADDRESS: address,
      SKILLOS_TASK_QUEUE: taskQueue,
      ...SETTINGS,
      SKILLOS_ROOT: root,
      SKILLOS_CACHE_DIR: join(root, '.cache'),
      SKILLOS_STATE_DIR: join(root, '.state'),
      ...settings,
    },
    async startWorker(through = (own) => own) {
      const connection = await NativeConnection.connect({ address });
      const workerPorts = openWorkerPorts({
        config,
        root,
        environment: process.env,
        now: Date.now,
        isGone: (runId) => isGone(connection, { namespace: 'default', runId }),
        note: (line) => process.stderr.write(`${line}\n`),
      });
      const worker = await createWorker({
        connection,
        namespace: 'default',
        taskQueue,
        workflowBundle: packageFile('dist/workflows.js'),
        concurrency: config.skillProcesses,
        ports: through(workerPorts),
      });
      const running = worker.run();
      const started: RunningWorker = {
        worker,
        async stop() {
          if (worker.getState() === 'RUNNING') worker.shutdown();
          await running;
          await workerPorts.close();
          await connection.close();
        },
      };
      workers.push(started);
      return started;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await temporal.close();
      await state.close();
    },
  };
}

export interface WorkerProcess {
  /** Resolves when the process has gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** A worker as users run it: a process of its own, that can be killed. */
export async function spawnWorker(deployment: Deployment): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [packageFile('dist/skillos.mjs'), 'worker', '--json'], {
    env: deployment.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The worker ended with ${code}`)));
    child.stdout.once('data', () => resolve());
  });
  return {
    async end(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
