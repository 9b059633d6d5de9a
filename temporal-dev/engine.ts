/** The local engine of one skills root: a Temporal server and a worker, kept running until told to stop. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEngineRecord, workerSettings } from '../adapters/engine-record.ts';
import type {
  EngineFiles,
  EngineRecord,
  EngineStatus,
  WorkerEnvironment,
} from '../adapters/engine-record.ts';
import { makeDir } from '../adapters/files.ts';
import { keepGuards, workerEnvironment } from '../adapters/local-engine.ts';
import { acquireLock } from '../adapters/lock.ts';
import type { Lock } from '../adapters/lock.ts';
import { parseConfig } from '../core/config.ts';
import type { Config, Environment } from '../core/config.ts';
import { resolveTemporalBinary } from './binary.ts';
import { openControl } from './control.ts';
import type { Control } from './control.ts';
import { watchIdle } from './idle.ts';
import { Keeper } from './keeper.ts';
import type { KeptProcess } from './keeper.ts';
import { boundLogs } from './logs.ts';
import { describeFault, News } from './news.ts';
import { endOrphans } from './orphans.ts';
import { startPreparedServer } from './prepared-server.ts';
import { lastPorts, RecordFile, savePorts, watchRecord } from './record-file.ts';
import { DEFAULT_PORTS } from './server.ts';
import type { TemporalServer } from './server.ts';
import { startWorker } from './worker.ts';

export interface EngineOptions {
  readonly config: Config;
  readonly env: Environment;
  /** A real path. */
  readonly root: string;
  readonly files: EngineFiles;
  /** In the background it leaves after `config.devIdle` without work. */
  readonly mode: 'background' | 'foreground';
  readonly version: string;
  /** Program and arguments that the worker's are added to. */
  readonly workerCommand: readonly string[];
  /** What happens, one line each. */
  readonly onLine: (line: string) => void;
}

const NAMESPACE = 'default';
const LOCK_TIMEOUT_MS = 45_000; // longer than an engine that stops may drain its worker
const FAILURE_SHOWN_MS = 2_000; // how long a failed start can be asked why

export class Engine {
  /** Resolves when everything has ended. */
  readonly ended: Promise<void>;
  readonly #options: EngineOptions;
  readonly #nonce = randomBytes(32).toString('hex');
  readonly #startedAt = Date.now();
  readonly #server: Keeper<TemporalServer>;
  readonly #worker: Keeper<KeptProcess>;
  readonly #cleanups: (() => void)[] = [];
  readonly #news = new News();
  readonly #record: RecordFile;
  #workerEnvironment: WorkerEnvironment;
  #workerConfig: Config;
  #spawnedServer: EngineRecord['server'];
  #spawnedWorker: number | undefined;
  #leftWorkers: readonly number[] = [];
  #leftWorkersEnded: Promise<unknown> = Promise.resolve();
  #binary = '';
  #address: string | undefined;
  #wasReady = false;
  #failure: unknown;
  #lastContact = performance.now();
  #stopping: Promise<void> | undefined;
  #lock: Lock | undefined;
  #control: Control | undefined;
  #resolveEnded: () => void = () => undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#record = new RecordFile(options.files.record);
    this.#workerConfig = options.config;
    this.#workerEnvironment = workerEnvironment(options.env);
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#server = new Keeper({
      start: () => this.#startServer(),
      onUp: () => this.#noticeUp(),
      onDown: (reason, pauseMs) => this.#say(`server: ${reason}; again in ${pauseMs} ms`),
    });
    this.#worker = new Keeper({
      start: () => this.#startWorker(),
      onUp: () => this.#noticeUp(),
      onDown: (reason, pauseMs) => this.#say(`worker: ${reason}; again in ${pauseMs} ms`),
    });
  }

  /**
   * Resolves when the server serves and the worker had its first try. Rejects where there is no binary, the server
   * does not come up, or another engine keeps the lock; everything has ended by then.
   */
  async start(): Promise<void> {
    const { files, mode } = this.#options;
    await makeDir(files.folder);
    this.#lock = await acquireLock(files.lock, { timeoutMs: LOCK_TIMEOUT_MS });
    try {
      await this.#takeOver();
      await this.#open();
      await this.#server.begin();
      await this.#worker.begin().catch(() => undefined); // said by onDown, and tried again
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
    const { mode, version, root } = this.#options;
    const error = this.#failure ?? this.#server.failure ?? this.#worker.failure;
    const server = this.#server.current;
    const worker = this.#worker.current;
    return {
      schema: 'skillos.engine/v1',
      state: this.#stateWith(error),
      mode,
      version,
      root,
      pid: process.pid,
      startedAt: this.#startedAt,
      notes: this.#news.lines,
      ...(error === undefined ? {} : { error: describeFault(error) }),
      ...(server === undefined
        ? {}
        : {
            server: { pid: server.pid, address: server.address, uiUrl: server.uiUrl, namespace: NAMESPACE },
          }),
      worker: {
        ...(worker === undefined ? {} : { pid: worker.pid }),
        taskQueue: this.#workerConfig.taskQueue,
        build: this.#workerEnvironment.build,
        settings: workerSettings(this.#workerConfig, this.#nonce),
      },
    };
  }

  #stateWith(error: unknown): EngineStatus['state'] {
    if (this.#stopping !== undefined) return 'stopping';
    if (error !== undefined) return 'failed';
    if (this.#server.current !== undefined && this.#worker.current !== undefined) return 'ready';
    return this.#wasReady ? 'restarting' : 'starting';
  }

  /** Ends what a killed engine of this root left; its workers may drain, and find the server where it was. */
  async #takeOver(): Promise<void> {
    const left = await readEngineRecord(this.#options.files);
    if (left === undefined) return;
    this.#spawnedServer = left.server;
    this.#leftWorkers = left.workers;
    const orphans = endOrphans(left, this.#options.files);
    this.#leftWorkersEnded = orphans.workers.then(() => {
      this.#leftWorkers = [];
    });
    if (await orphans.server) this.#say('ended the server that a killed engine had left');
  }

  async #open(): Promise<void> {
    const { config, env, files, mode } = this.#options;
    this.#control = await openControl(this.#nonce, {
      status: () => {
        this.#lastContact = performance.now();
        return this.status();
      },
      replaceWorker: (given) => this.#replaceWorker(keepGuards(given, this.#workerEnvironment)),
      stop: () => void this.stop(),
    });
    await this.#save();
    this.#cleanups.push(watchRecord(files, this.#nonce, () => void this.stop()));
    this.#cleanups.push(boundLogs([files.engineLog, files.serverLog, files.workerLog]));
    this.#binary = await resolveTemporalBinary({ config, env, onProgress: (line) => this.#say(line) });
    if (mode === 'foreground' || config.devIdle === 0) return;
    this.#cleanups.push(
      watchIdle({
        idleMs: config.devIdle,
        namespace: NAMESPACE,
        address: () => this.#server.current?.address,
        lastContact: () => this.#lastContact,
        onIdle: () => void this.stop(),
      }),
    );
  }

  async #startServer(): Promise<TemporalServer> {
    const { env, files } = this.#options;
    const { port, uiPort } = this.#spawnedServer ?? DEFAULT_PORTS; // clients and workers find it where it was
    const server = await startPreparedServer({
      binary: this.#binary,
      env,
      namespace: NAMESPACE,
      logFile: files.serverLog,
      dbFile: files.database,
      detached: true,
      port,
      uiPort,
      fallbackPorts: await lastPorts(files),
      onNote: (line) => this.#say(line),
      onSpawn: (spawned) => {
        this.#spawnedServer = spawned;
        return this.#save();
      },
    });
    if (this.#address !== undefined && this.#address !== server.address) this.#worker.replace();
    this.#address = server.address;
    await savePorts(files, server);
    return server;
  }

  #startWorker(): Promise<KeptProcess> {
    const { env, files, root, workerCommand } = this.#options;
    const inherited = Object.entries(env).filter(([name]) => !/^(SKILLOS|TEMPORAL)_/.test(name));
    return startWorker({
      command: workerCommand,
      root,
      cwd: this.#workerEnvironment.cwd,
      env: {
        ...Object.fromEntries(inherited),
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
      this.#spawnedWorker = undefined; // the keeper knows it by now, or it has ended
    });
  }

  #replaceWorker(environment: WorkerEnvironment): void {
    this.#workerConfig = parseConfig(environment.env);
    this.#workerEnvironment = environment;
    this.#options.onLine('worker: replaced by one with other settings or of another build');
    this.#worker.replace();
  }

  async #close(): Promise<void> {
    for (const cleanUp of this.#cleanups) cleanUp();
    await this.#worker.stop();
    await this.#server.stop();
    await this.#leftWorkersEnded;
    await this.#control?.close();
    await this.#record.remove();
    await this.#lock?.release();
    this.#resolveEnded();
  }

  /** Writes what the next engine must know if this one is killed. */
  #save(): Promise<void> {
    return this.#record.save(() => ({
      schema: 'skillos.engine/v1',
      nonce: this.#nonce,
      pid: process.pid,
      controlPort: this.#control?.port ?? 0,
      version: this.#options.version,
      root: this.#options.root,
      server: this.#spawnedServer,
      workers: [...this.#workerPids(), ...this.#leftWorkers],
    }));
  }

  #workerPids(): number[] {
    const spawned = this.#spawnedWorker === undefined ? [] : [this.#spawnedWorker];
    return [...new Set([...this.#worker.pids, ...spawned])];
  }

  #noticeUp(): void {
    if (this.#server.current !== undefined && this.#worker.current !== undefined) this.#wasReady = true;
    void this.#save();
  }

  #say(line: string): void {
    this.#news.add(line);
    this.#options.onLine(line);
  }
}
