/** Provides a command with a ready local engine: the running one, or one that it starts in the background. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GUARDS, parseConfig, settingsOf } from '../../core/settings/config.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { isErrorCode } from '../../core/errors/error-codes.ts';
import { isSkillosError, SkillosError } from '../../core/errors/errors.ts';
import { requestEngine, findEngine } from './engine-control.ts';
import type { LivingEngine } from './engine-control.ts';
import { engineFiles, realRoot, workerSettings } from './engine-record.ts';
import type { EngineFiles, EngineStatus, WorkerEnvironment } from './engine-record.ts';
import { errorIn, readFrom } from '../logs.ts';
import { makeDir } from '../../adapters/files/files.ts';
import { acquireLock } from '../../adapters/files/lock.ts';
import type { Lock } from '../../adapters/files/lock.ts';
import { hasEngineKey, withEngineKey } from '../../adapters/machine/engine-key.ts';
import { packageFile } from '../../adapters/machine/package.ts';
import { assertWritable } from '../../adapters/storage/state-folders.ts';

export interface EngineRequest {
  readonly config: Config;
  readonly env: Environment;
  readonly root: string;
  /** Receives one line per event, for stderr. */
  readonly onNote: (line: string) => void;
  /** Program and arguments of the engine's process; `--root` is added. */
  readonly command?: readonly string[];
}

export interface EngineInfo {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly uiUrl: string;
  readonly local: true;
}

const POLL_INTERVAL_MS = 25;
/** An engine that reports no progress for this long counts as failed. */
const PROGRESS_TIMEOUT_MS = 60_000;
const SLOW_START_MS = 5_000;
const UPGRADED =
  'engine: makes its server key; runs in flight that have none end as work_refused: skillos runs rerun <run>';

/**
 * Resolves when the engine of the root serves with this command's settings; concurrent commands start one engine. Rejects
 * with `engine_not_running` if none runs and none may be started, with `engine_failed`, or with the error of its start, such
 * as `temporal_unavailable`.
 */
export async function ensureEngine(request: EngineRequest): Promise<EngineInfo> {
  const { config, env } = request;
  if (config.production) {
    throw new SkillosError('engine_not_running', 'Production starts no local engine', {
      hint: 'Name the server with TEMPORAL_ADDRESS',
    });
  }
  const root = await realRoot(request.root);
  assertWritable(root); // its worker would wait for it
  const files = engineFiles(config, env, root);
  const { status } = await new Wait(keyed(request, files), files, root).untilReady();
  if (status.server === undefined) throw timedOut();
  const { address, namespace, uiUrl } = status.server;
  return { address, namespace, taskQueue: config.taskQueue, uiUrl, local: true };
}

/** The worker verifies with the key that this command signs with. */
function keyed(request: EngineRequest, files: EngineFiles): EngineRequest {
  const isUpgrade = existsSync(files.database) && !hasEngineKey(files.folder);
  if (isUpgrade && request.config.serverKey === undefined) request.onNote(UPGRADED);
  const env = withEngineKey(request.env, files.folder);
  const { serverKey } = parseConfig(env);
  return { ...request, env, config: { ...request.config, serverKey } };
}

/** Identifies the build whose code a worker runs; a worker of another build is replaced. */
function buildId(): string {
  const { mtimeMs, size } = statSync(packageFile('dist/skillos.mjs'), { throwIfNoEntry: false }) ?? {};
  return mtimeMs === undefined ? 'source' : `${Math.round(mtimeMs).toString(36)}-${size}`;
}

/** Returns the settings, working directory and build that a worker takes from the command. */
export function workerEnvironment(env: Environment): WorkerEnvironment {
  return { env: settingsOf(env), cwd: process.cwd(), build: buildId() };
}

/**
 * Returns the environment of a worker that replaces another: a setting that the command does not name stays as it was, unless
 * the worker has failed with it, and a guarding one stays in any case.
 */
export function keepSettings(
  given: WorkerEnvironment,
  before: WorkerEnvironment,
  hasFailed: boolean,
): WorkerEnvironment {
  const guards = Object.entries(before.env).filter(([name]) => GUARDS.includes(name));
  const kept = hasFailed ? {} : before.env;
  return { ...given, env: { ...kept, ...given.env, ...Object.fromEntries(guards) } };
}

/** Waits for a ready engine on behalf of one command, and starts it if necessary. */
class Wait {
  readonly #request: EngineRequest;
  readonly #files: EngineFiles;
  readonly #root: string;
  readonly #begun = performance.now();
  #lastProgress = this.#begun;
  /** Number of the last line shown; undefined until an engine has answered. */
  #lastNote: number | undefined;
  #lastState = '';
  #hasReplaced = false;
  #lock: Lock | undefined;
  #starting: StartingEngine | undefined;

  constructor(request: EngineRequest, files: EngineFiles, root: string) {
    this.#request = request;
    this.#files = files;
    this.#root = root;
  }

  async untilReady(): Promise<LivingEngine> {
    try {
      for (;;) {
        const engine = await findEngine(this.#files);
        if (engine === undefined) await this.#startUnlessStarted();
        else if (await this.#isReady(engine)) return engine;
        if (performance.now() - this.#lastProgress > PROGRESS_TIMEOUT_MS) throw timedOut();
        await sleep(POLL_INTERVAL_MS);
      }
    } finally {
      await this.#lock?.release();
      const tookMs = performance.now() - this.#begun;
      if (tookMs > SLOW_START_MS) this.#request.onNote(`engine: waited ${formatDuration(tookMs)}`);
    }
  }

  async #isReady(engine: LivingEngine): Promise<boolean> {
    const { state } = engine.status;
    this.#showNotes(engine.status);
    if (state === 'starting' || state === 'stopping') return false;
    if (await this.#replaceWorker(engine)) return false;
    if (state === 'failed') throw failureOf(engine.status);
    return state === 'ready';
  }

  /**
   * Replaces a worker of another build or with other settings; resolves to true if it did. At most once per command,
   * otherwise two commands with different settings would replace each other's worker for ever.
   */
  async #replaceWorker({ record, status }: LivingEngine): Promise<boolean> {
    const { config, env, onNote } = this.#request;
    const ours = workerSettings(config, record.nonce);
    const theirs = status.worker.settings;
    // An engine of an earlier build does not know every setting; its worker receives all of them nevertheless.
    const differing = Object.keys(theirs).filter((variable) => ours[variable] !== theirs[variable]);
    const kept = this.#keptBy(theirs, record.nonce);
    const named = Object.keys(settingsOf(env));
    // The others are in the worker's environment alone: it keeps them. One that neither names comes from `settings.env`.
    const isKept = (variable: string) =>
      !named.includes(variable) && status.worker.named?.includes(variable) && status.state !== 'failed';
    const meant = differing.filter((variable) => !isKept(variable));
    const changed = meant.filter((variable) => !kept.includes(variable));
    const refused = differing.filter((variable) => kept.includes(variable) && env[variable]);
    if (refused.length > 0)
      onNote(`engine: the worker keeps its ${refused.join(', ')}; to change it, run: skillos dev stop`);
    const isOther = changed.length > 0 || status.worker.build !== buildId();
    if (!isOther || this.#hasReplaced) return false;
    const why = changed.length === 0 ? 'SkillOS was rebuilt' : `${changed.join(', ')} changed`;
    onNote(`engine: ${why}, restarting the worker`);
    this.#hasReplaced = true;
    await requestEngine(record, 'POST /worker', workerEnvironment(env));
    return true;
  }

  /** Guarding settings that are set in the worker; a command cannot change them. */
  #keptBy(theirs: Readonly<Record<string, string>>, nonce: string): readonly string[] {
    const unset = workerSettings(parseConfig({}), nonce);
    return GUARDS.filter((variable) => theirs[variable] !== unset[variable]);
  }

  #showNotes({ notes, state }: EngineStatus): void {
    // Lines from before this command began to wait are not shown.
    const isNew = this.#starting !== undefined || state === 'starting';
    this.#lastNote ??= isNew ? 0 : (notes.at(-1)?.number ?? 0);
    const seen = this.#lastNote;
    const fresh = notes.filter(({ number }) => number > seen);
    for (const { number, line } of fresh) {
      this.#request.onNote(`engine: ${line}`);
      this.#lastNote = number;
    }
    if (fresh.length > 0 || state !== this.#lastState) this.#lastProgress = performance.now();
    this.#lastState = state;
  }

  /** Starts an engine, unless this or another command has already begun to. */
  async #startUnlessStarted(): Promise<void> {
    if (this.#starting?.hasEnded() === true) throw await this.#starting.failure();
    if (this.#starting !== undefined) return;
    if (!this.#request.config.devAutostart) throw notRunning('No local engine runs for this root');
    this.#lock ??= await tryLock(this.#files);
    if (this.#lock === undefined || (await findEngine(this.#files)) !== undefined) return;
    this.#request.onNote(
      `engine: starting Temporal for ${this.#request.config.root} (first start may download it)`,
    );
    this.#starting = await startInBackground(this.#request, this.#files, this.#root);
  }
}

interface StartingEngine {
  hasEnded(): boolean;
  failure(): Promise<SkillosError>;
}

async function startInBackground(
  request: EngineRequest,
  files: EngineFiles,
  root: string,
): Promise<StartingEngine> {
  const [program = '', ...args] = request.command ?? [
    process.execPath,
    packageFile('dist/skillos.mjs'),
    'dev',
    '--background',
  ];
  const log = await open(files.engineLog, 'a', 0o600);
  const { size: begin } = await log.stat();
  const child = spawn(program, [...args, '--root', root], {
    env: request.env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  let end: string | undefined;
  child.once('error', (error) => (end = error.message));
  child.once('exit', (code, signal) => (end = signal ?? `exit code ${code}`));
  child.unref();
  return {
    hasEnded: () => end !== undefined,
    failure: async () => {
      const reason = errorIn(await readFrom(files.engineLog, begin));
      return new SkillosError('engine_failed', `The local engine ended before it answered: ${reason ?? end}`);
    },
  };
}

async function tryLock(files: EngineFiles): Promise<Lock | undefined> {
  await makeDir(files.folder);
  try {
    return await acquireLock(files.startLock, { timeoutMs: 0 });
  } catch (error) {
    if (isSkillosError(error, 'lock_timeout')) return undefined;
    throw error;
  }
}

function failureOf({ error }: EngineStatus): SkillosError {
  const { code = '', message = 'The local engine failed', hint } = error ?? {};
  return new SkillosError(
    isErrorCode(code) ? code : 'engine_failed',
    message,
    hint === undefined ? {} : { hint },
  );
}

function notRunning(message: string): SkillosError {
  return new SkillosError('engine_not_running', message);
}

function timedOut(): SkillosError {
  return new SkillosError(
    'engine_failed',
    `The local engine is not ready after ${PROGRESS_TIMEOUT_MS / 1000} s`,
  );
}
