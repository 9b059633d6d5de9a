/** Gives a command a local engine that is ready: the one that runs, else one it starts in the background. */
import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GUARDS, parseConfig, settingsOf } from '../core/config.ts';
import type { Config, Environment } from '../core/config.ts';
import { formatDuration } from '../core/duration.ts';
import { isErrorCode } from '../core/error-codes.ts';
import { isSkillosError, SkillosError } from '../core/errors.ts';
import { askEngine, findEngine } from './engine-control.ts';
import type { LivingEngine } from './engine-control.ts';
import { engineFiles, realRoot, workerSettings } from './engine-record.ts';
import type { EngineFiles, EngineStatus, WorkerEnvironment } from './engine-record.ts';
import { makeDir } from './files.ts';
import { acquireLock } from './lock.ts';
import type { Lock } from './lock.ts';
import { packageFile } from './package.ts';

export interface EngineRequest {
  readonly config: Config;
  readonly env: Environment;
  readonly root: string;
  /** One line each, for stderr. */
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

const LOOK_EVERY_MS = 25;
/** Without any news for this long the engine counts as failed. */
const NEWS_TIMEOUT_MS = 60_000;
const SLOW_START_MS = 5_000;

/**
 * Resolves when the engine of the root serves with this command's settings. Ten commands at once start one engine.
 * Rejects with `engine_not_running` where none runs and none may be started, with `engine_failed`, or with the reason
 * why it cannot start, such as `temporal_unavailable`.
 */
export async function ensureEngine(request: EngineRequest): Promise<EngineInfo> {
  const { config, env } = request;
  if (config.production) {
    throw new SkillosError('engine_not_running', 'In production no local engine is used', {
      hint: 'Name the server with TEMPORAL_ADDRESS',
    });
  }
  const root = await realRoot(request.root);
  const { status } = await new Wait(request, engineFiles(config, env, root), root).untilReady();
  if (status.server === undefined) throw noNews();
  const { address, namespace, uiUrl } = status.server;
  return { address, namespace, taskQueue: config.taskQueue, uiUrl, local: true };
}

/** Identifies the code that a worker runs: another build, another worker. */
function buildId(): string {
  const { mtimeMs, size } = statSync(packageFile('dist/skillos.mjs'), { throwIfNoEntry: false }) ?? {};
  return mtimeMs === undefined ? 'source' : `${Math.round(mtimeMs).toString(36)}-${size}`;
}

/** What a worker takes from the command it serves. */
export function workerEnvironment(env: Environment): WorkerEnvironment {
  return { env: settingsOf(env), cwd: process.cwd(), build: buildId() };
}

/** What a command would have, with what the worker before keeps. */
export function keepGuards(given: WorkerEnvironment, before: WorkerEnvironment): WorkerEnvironment {
  const kept = Object.entries(before.env).filter(([name]) => GUARDS.includes(name));
  return { ...given, env: { ...given.env, ...Object.fromEntries(kept) } };
}

/** One command's wait for an engine that is ready, in the course of which it may have to start it. */
class Wait {
  readonly #request: EngineRequest;
  readonly #files: EngineFiles;
  readonly #root: string;
  readonly #begun = performance.now();
  #lastNews = this.#begun;
  /** `undefined` until an engine was seen. */
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
        if (performance.now() - this.#lastNews > NEWS_TIMEOUT_MS) throw noNews();
        await sleep(LOOK_EVERY_MS);
      }
    } finally {
      await this.#lock?.release();
      const tookMs = performance.now() - this.#begun;
      if (tookMs > SLOW_START_MS) this.#request.onNote(`engine: waited ${formatDuration(tookMs)}`);
    }
  }

  async #isReady(engine: LivingEngine): Promise<boolean> {
    const { state } = engine.status;
    this.#tell(engine.status);
    if (state === 'starting' || state === 'stopping') return false;
    if (await this.#replaceWorker(engine)) return false;
    if (state === 'failed') throw failureOf(engine.status);
    return state === 'ready';
  }

  /** Whether it had to: the worker runs another build or other settings. Asked once, lest two commands never end. */
  async #replaceWorker({ record, status }: LivingEngine): Promise<boolean> {
    const { config, env, onNote } = this.#request;
    const ours = workerSettings(config, record.nonce);
    const theirs = status.worker.settings;
    // An engine of an earlier build does not know every setting; its worker gets all of them all the same.
    const differing = Object.keys(theirs).filter((variable) => ours[variable] !== theirs[variable]);
    const kept = this.#keptBy(theirs, record.nonce);
    const changed = differing.filter((variable) => !kept.includes(variable));
    const refused = differing.filter((variable) => kept.includes(variable) && env[variable]);
    if (refused.length > 0)
      onNote(`engine: the worker keeps its ${refused.join(', ')}: skillos dev stop ends it`);
    const isOther = changed.length > 0 || status.worker.build !== buildId();
    if (!isOther || this.#hasReplaced) return false;
    const why = changed.length === 0 ? 'SkillOS was rebuilt' : `${changed.join(', ')} changed`;
    onNote(`engine: ${why}, restarting the worker`);
    this.#hasReplaced = true;
    await askEngine(record, 'POST /worker', workerEnvironment(env));
    return true;
  }

  /** What guards the worker, and is not for a command to change. */
  #keptBy(theirs: Readonly<Record<string, string>>, nonce: string): readonly string[] {
    const unset = workerSettings(parseConfig({}), nonce);
    return GUARDS.filter((variable) => theirs[variable] !== unset[variable]);
  }

  #tell({ notes, state }: EngineStatus): void {
    // What an engine said before anybody waited for it is no news.
    const isNew = this.#starting !== undefined || state === 'starting';
    this.#lastNote ??= isNew ? 0 : (notes.at(-1)?.number ?? 0);
    const seen = this.#lastNote;
    const fresh = notes.filter(({ number }) => number > seen);
    for (const { number, line } of fresh) {
      this.#request.onNote(`engine: ${line}`);
      this.#lastNote = number;
    }
    if (fresh.length > 0 || state !== this.#lastState) this.#lastNews = performance.now();
    this.#lastState = state;
  }

  /** Nobody answers: start an engine, unless we did so already or another command is about to. */
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
      const said = (await readFile(files.engineLog)).subarray(begin).toString().trim().split('\n');
      const reason = said.findLast((line) => line.startsWith('Error: '))?.slice('Error: '.length);
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

function noNews(): SkillosError {
  return new SkillosError('engine_failed', `The local engine is not ready after ${NEWS_TIMEOUT_MS / 1000} s`);
}
