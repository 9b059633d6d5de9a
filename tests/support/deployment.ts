/** A deployment of its own for one test file: a skills root, a task queue, and workers on the tests' Temporal server. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ulid } from 'ulid';
import type { WorkerPorts } from '../../activities/ports.ts';
import { packageFile } from '../../adapters/machine/package.ts';
import { openPorts } from '../../adapters/open.ts';
import { isRunClosed } from '../../client/temporal/connection.ts';
import { connectTemporal } from '../../client/temporal/connection.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import type { ClientPorts } from '../../client/ports.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { startWorkerProcess } from './skillos-process.ts';
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
  /** Starts a worker of the built program, as users run it. */
  startWorker(): Promise<void>;
  /** Starts a worker in this process with changed ports, for faults that no process can be made to have. */
  startWorkerWith(through: (ports: WorkerPorts) => WorkerPorts): Promise<void>;
  /** Environment that makes the CLI use this deployment. */
  readonly env: Record<string, string>;
  close(): Promise<void>;
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
  const { state, ports } = openPorts(config, Date.now);
  const stops: (() => Promise<void>)[] = [];
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    TEMPORAL_ADDRESS: address,
    SKILLOS_TASK_QUEUE: taskQueue,
    ...SETTINGS,
    SKILLOS_ROOT: root,
    SKILLOS_CACHE_DIR: join(root, '.cache'),
    SKILLOS_STATE_DIR: join(root, '.state'),
    ...settings,
  };
  return {
    root,
    taskQueue,
    ports,
    temporal,
    env,
    async startWorker() {
      const worker = await startWorkerProcess(env);
      stops.push(async () => {
        worker.signal('SIGTERM');
        await worker.ended;
      });
    },
    async startWorkerWith(through) {
      // Loaded here, because few test files need it and it takes each a second.
      const [{ NativeConnection }, { openWorkerPorts }, { createWorker }] = await Promise.all([
        import('@temporalio/worker'),
        import('../../activities/open-ports.ts'),
        import('../../activities/worker.ts'),
      ]);
      const connection = await NativeConnection.connect({ address });
      const workerPorts = openWorkerPorts({
        config,
        root,
        environment: process.env,
        now: Date.now,
        isGone: (runId) => isRunClosed(connection, { namespace: 'default', runId }),
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
      stops.push(async () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await running;
        await workerPorts.close();
        await connection.close();
      });
    },
    async close() {
      await Promise.all(stops.map((stop) => stop()));
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
export async function spawnWorker(
  deployment: Deployment,
  options: readonly string[] = [],
): Promise<WorkerProcess> {
  const argv = [packageFile('dist/skillos.mjs'), 'worker', '--json', ...options];
  const child = spawn(process.execPath, argv, {
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
