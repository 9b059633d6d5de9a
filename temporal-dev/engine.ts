/** The local engine of one skills root: supervises a Temporal server and a worker until it is stopped. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEngineRecord } from './client/engine-record.ts';
import type { EngineFiles, EngineRecord, EngineStatus, WorkerEnvironment } from './client/engine-record.ts';
import { withEngineKey } from '../adapters/machine/engine-key.ts';
import { makeDir } from '../adapters/files/files.ts';
import { keepSettings, workerEnvironment } from './client/local-engine.ts';
import { acquireLock } from '../adapters/files/lock.ts';
import type { Lock } from '../adapters/files/lock.ts';
import { parseRootConfig } from '../adapters/catalog/root-settings-file.ts';
import type { Config, Environment } from '../core/settings/config.ts';
import { resolveTemporalBinary } from './binary.ts';
import { openControl } from './control.ts';
import type { Control } from './control.ts';
import { engineStatus, NAMESPACE } from './engine-status.ts';
import { watchIdle } from './idle.ts';
import { ProcessSupervisor } from './supervisor.ts';
import type { SupervisedProcess } from './supervisor.ts';
import { boundLogs } from './logs.ts';
import { ProgressLog } from './progress-log.ts';
import { endStaleProcesses } from './stale-processes.ts';
import { lastPorts, RecordFile, savePorts, watchRecord } from './record-file.ts';
import { DEFAULT_PORTS, startServerWithAttributes } from './server.ts';
import type { TemporalServer } from './server.ts';
import { hiddenLoopback, openUiProxy } from './ui-proxy.ts';
import type { UiProxy } from './ui-proxy.ts';
import { startWorker } from './worker.ts';

export interface EngineOptions {
  readonly config: Config;
  readonly env: Environment;
  /** A real path. */
  readonly root: string;
  readonly files: EngineFiles;
  /** In the background it stops after `config.devIdle` ms without work. */
  readonly mode: 'background' | 'foreground';
  /** Its worker serves the jobs queue too. */
  readonly servesJobs?: boolean;
  readonly version: string;
  /** Program and arguments to which the worker's arguments are added. */
  readonly workerCommand: readonly string[];
  /** Receives one line per event. */
  readonly onLine: (line: string) => void;
}

const LOCK_TIMEOUT_MS = 45_000; // longer than a stopping engine may drain its worker
const FAILURE_SHOWN_MS = 2_000; // a failed engine answers `status` for this long

export class Engine {
  /** Resolves when everything has ended. */
  readonly ended: Promise<void>;
  readonly #options: EngineOptions;
  readonly #nonce = randomBytes(32).toString('hex');
  readonly #startedAt = Date.now();
  readonly #server: ProcessSupervisor<TemporalServer>;
  readonly #worker: ProcessSupervisor<SupervisedProcess>;
  readonly #cleanups: (() => void)[] = [];
  readonly #progress = new ProgressLog();
  readonly #record: RecordFile;
  #workerEnvironment: WorkerEnvironment;
  #workerConfig: Config;
  #spawnedServer: EngineRecord['server'];
  #spawnedWorker: number | undefined;
  #staleWorkers: readonly number[] = [];
  #staleWorkersEnded: Promise<unknown> = Promise.resolve();
  #binary = '';
  #address: string | undefined;
  #wasReady = false;
  #failure: unknown;
  #lastRequest = performance.now();
  #stopping: Promise<void> | undefined;
  #lock: Lock | undefined;
  #control: Control | undefined;
  #ui: UiProxy | undefined;
  #resolveEnded: () => void = () => undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#record = new RecordFile(options.files.record);
    this.#workerConfig = options.config;
    this.#workerEnvironment = workerEnvironment(options.env);
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#server = new ProcessSupervisor({
      start: () => this.#startServer(),
      onUp: () => this.#noticeUp(),
      onDown: (reason, pauseMs) => this.#report(`server: ${reason}; retry in ${pauseMs} ms`),
    });
    this.#worker = new ProcessSupervisor({
      start: () => this.#startWorker(),
      onUp: () => this.#noticeUp(),
      onDown: (reason, pauseMs) => this.#report(`worker: ${reason}; retry in ${pauseMs} ms`),
    });
  }

  /**
   * Resolves when the server serves and the worker was started once. Rejects if there is no binary, the server does not
   * start, or another engine holds the lock; all processes have ended then.
   */
  async start(): Promise<void> {
    const { files, mode } = this.#options;
    await makeDir(files.folder);
    this.#lock = await acquireLock(files.lock, { timeoutMs: LOCK_TIMEOUT_MS });
    try {
      this.#setWorker(this.#workerEnvironment);
      await this.#takeOver();
      await this.#open();
      await this.#server.begin();
      await this.#worker.begin().catch(() => undefined); // onDown has reported it, and the supervisor tries again
    } catch (error) {
      this.#failure = error;
      if (mode === 'background') await sleep(FAILURE_SHOWN_MS);
      await this.stop();
      throw error;
    }
  }

  /** Drains the worker, then ends the server; resolves when all children have ended. */
  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  /** Ends all children at once; `stop` then resolves soon. */
  kill(): void {
    this.#worker.kill();
    this.#server.kill();
  }

  status(): EngineStatus {
    const error = this.#failure ?? this.#server.failure ?? this.#worker.failure;
    return engineStatus({
      ...this.#options,
      state: this.#stateWith(error),
      startedAt: this.#startedAt,
      error,
      notes: this.#progress.lines,
      server: this.#server.current,
      uiUrl: this.#ui?.url,
      worker: {
        pid: this.#worker.current?.pid,
        config: this.#workerConfig,
        build: this.#workerEnvironment.build,
        nonce: this.#nonce,
        named: Object.keys(this.#workerEnvironment.env),
      },
    });
  }

  #stateWith(error: unknown): EngineStatus['state'] {
    if (this.#stopping !== undefined) return 'stopping';
    if (error !== undefined) return 'failed';
    if (this.#server.current !== undefined && this.#worker.current !== undefined) return 'ready';
    return this.#wasReady ? 'restarting' : 'starting';
  }

  /** Ends processes of a killed engine of this root. Its workers may drain, so the server starts at the same address. */
  async #takeOver(): Promise<void> {
    const left = await readEngineRecord(this.#options.files);
    if (left === undefined) return;
    this.#spawnedServer = left.server;
    this.#staleWorkers = left.workers;
    const stale = endStaleProcesses(left, this.#options.files);
    this.#staleWorkersEnded = stale.workers.then(() => {
      this.#staleWorkers = [];
    });
    if (await stale.server) this.#report('ended the server that a killed engine had left');
  }

  async #open(): Promise<void> {
    const { config, env, files, mode } = this.#options;
    this.#control = await openControl(this.#nonce, {
      status: () => {
        this.#lastRequest = performance.now();
        return this.status();
      },
      replaceWorker: (given) => this.#replaceWorker(given),
      stop: () => void this.stop(),
    });
    const { uiPort } = this.#spawnedServer ?? DEFAULT_PORTS;
    this.#ui = await openUiProxy({
      ports: [uiPort, (await lastPorts(files))?.uiPort ?? uiPort],
      target: () => this.#server.current?.uiUrl,
    });
    await this.#save();
    this.#cleanups.push(watchRecord(files, this.#nonce, () => void this.stop()));
    this.#cleanups.push(boundLogs([files.engineLog, files.serverLog, files.workerLog]));
    this.#binary = await resolveTemporalBinary({ config, env, onProgress: (line) => this.#report(line) });
    if (mode === 'foreground' || config.devIdle === 0) return;
    this.#cleanups.push(
      watchIdle({
        idleMs: config.devIdle,
        namespace: NAMESPACE,
        address: () => this.#server.current?.address,
        lastRequest: () => this.#lastRequest,
        onIdle: () => void this.stop(),
      }),
    );
  }

  async #startServer(): Promise<TemporalServer> {
    const { env, files } = this.#options;
    const { port } = this.#spawnedServer ?? DEFAULT_PORTS; // the former address, for clients and draining workers
    const uiPort = this.#ui?.port ?? 0;
    const server = await startServerWithAttributes({
      binary: this.#binary,
      env,
      namespace: NAMESPACE,
      logFile: files.serverLog,
      dbFile: files.database,
      detached: true,
      port,
      fallbackPort: (await lastPorts(files))?.port,
      uiPort: 0,
      uiHost: hiddenLoopback(),
      onNote: (line) => this.#report(line),
      onSpawn: (spawned) => {
        this.#spawnedServer = { ...spawned, uiPort };
        return this.#save();
      },
    });
    if (this.#address !== undefined && this.#address !== server.address) this.#worker.replace();
    this.#address = server.address;
    await savePorts(files, { port: server.port, uiPort });
    return server;
  }

  #startWorker(): Promise<SupervisedProcess> {
    const { env, files, root, workerCommand, servesJobs = false } = this.#options;
    return startWorker({
      command: workerCommand,
      servesJobs,
      root,
      cwd: this.#workerEnvironment.cwd,
      env: {
        ...Object.fromEntries(Object.entries(env).filter(([name]) => !/^(SKILLOS|TEMPORAL)_/.test(name))),
        ...this.#workerEnvironment.env,
        TEMPORAL_ADDRESS: this.#address,
        TEMPORAL_NAMESPACE: NAMESPACE,
      },
      logFile: files.workerLog,
      onSpawn: (pid) => {
        this.#spawnedWorker = pid;
        return this.#save();
      },
    }).finally(() => {
      this.#spawnedWorker = undefined; // the supervisor holds it now, or it has ended
    });
  }

  #setWorker(environment: WorkerEnvironment): void {
    const env = withEngineKey(environment.env, this.#options.files.folder);
    this.#workerConfig = parseRootConfig(env, this.#options.root);
    this.#workerEnvironment = { ...environment, env };
  }

  #replaceWorker(given: WorkerEnvironment): void {
    this.#setWorker(keepSettings(given, this.#workerEnvironment, this.#worker.failure !== undefined));
    this.#options.onLine('worker: replaced by one with other settings or of another build');
    this.#worker.replace();
  }

  async #close(): Promise<void> {
    for (const cleanUp of this.#cleanups) cleanUp();
    await this.#worker.stop();
    await this.#server.stop();
    await this.#staleWorkersEnded;
    await this.#control?.close();
    await this.#ui?.close();
    await this.#record.remove();
    await this.#lock?.release();
    this.#resolveEnded();
  }

  /** Writes the pids that the next engine must end if this one is killed. */
  #save(): Promise<void> {
    return this.#record.save(() => ({
      schema: 'skillos.engine/v1',
      nonce: this.#nonce,
      pid: process.pid,
      controlPort: this.#control?.port ?? 0,
      version: this.#options.version,
      root: this.#options.root,
      server: this.#spawnedServer,
      workers: [...new Set([...this.#worker.pids, this.#spawnedWorker ?? [], this.#staleWorkers].flat())],
    }));
  }

  #noticeUp(): void {
    if (this.#server.current !== undefined && this.#worker.current !== undefined) this.#wasReady = true;
    void this.#save();
  }

  #report(line: string): void {
    this.#progress.add(line);
    this.#options.onLine(line);
  }
}
