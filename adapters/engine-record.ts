/** What a local engine leaves on the disk for the commands that look for it, and what it says of itself. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { SETTINGS } from '../core/config.ts';
import type { Config, Environment, SettingName } from '../core/config.ts';
import { sha256 } from '../core/digest.ts';
import { SkillosError } from '../core/errors.ts';
import { isErrno } from './files.ts';
import { stateFolder } from './local-folders.ts';

export const engineRecordSchema = z.object({
  schema: z.literal('skillos.engine/v1'),
  /** Known to this user's processes alone; whoever proves it on the control port is the engine. */
  nonce: z.string().min(32),
  pid: z.int().positive(),
  controlPort: z.int().positive(),
  version: z.string(),
  root: z.string(),
  server: z.object({ pid: z.int().positive(), port: z.int(), uiPort: z.int() }).optional(),
  /** Those that drain included. */
  workers: z.array(z.int().positive()),
});
/** `engine.json`; it goes when the engine leaves in order, so one without a living engine tells of a crash. */
export type EngineRecord = z.output<typeof engineRecordSchema>;

export const engineStatusSchema = z.object({
  schema: z.literal('skillos.engine/v1'),
  state: z.enum(['starting', 'ready', 'restarting', 'failed', 'stopping']),
  mode: z.enum(['background', 'foreground']),
  pid: z.int(),
  version: z.string(),
  root: z.string(),
  /** Unix milliseconds. */
  startedAt: z.number(),
  /** Why it failed or restarts. */
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
  /** The last lines of progress, counted from the start. */
  notes: z.array(z.object({ number: z.int(), line: z.string() })),
  server: z
    .object({ pid: z.int(), address: z.string(), uiUrl: z.string(), namespace: z.string() })
    .optional(),
  worker: z.object({
    pid: z.int().optional(),
    taskQueue: z.string(),
    build: z.string(),
    /** A digest for each setting that counts in the worker. */
    settings: z.record(z.string(), z.string()),
  }),
});
export type EngineStatus = z.output<typeof engineStatusSchema>;

/** What `POST /worker` takes. */
export const workerEnvironmentSchema = z.object({
  env: z.record(z.string().regex(/^SKILLOS_/), z.string()),
  cwd: z.string(),
  build: z.string(),
});
export type WorkerEnvironment = z.output<typeof workerEnvironmentSchema>;

export interface EngineFiles {
  readonly folder: string;
  readonly record: string;
  /** Held by the engine as long as it lives. */
  readonly lock: string;
  /** Held by the command that starts it. */
  readonly startLock: string;
  /** Kept over orderly ends, so that addresses stay. */
  readonly ports: string;
  readonly database: string;
  readonly engineLog: string;
  readonly serverLog: string;
  readonly workerLog: string;
}

/** The real path of the skills root; rejects with `root_not_found`. */
export async function realRoot(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (cause) {
    throw new SkillosError('root_not_found', `Skills root ${JSON.stringify(root)} does not exist`, { cause });
  }
}

/** One engine per user and root: where that of `root`, a real path, keeps its files. */
export function engineFiles(config: Pick<Config, 'stateDir'>, env: Environment, root: string): EngineFiles {
  return filesIn(path.join(enginesFolder(config, env), sha256(root).slice(0, 16)));
}

/** Of every engine that left files. */
export async function allEngineFiles(
  config: Pick<Config, 'stateDir'>,
  env: Environment,
): Promise<readonly EngineFiles[]> {
  const folder = enginesFolder(config, env);
  const names = await readdir(folder).catch(() => []); // none was ever started
  return names.filter((name) => /^[0-9a-f]{16}$/.test(name)).map((name) => filesIn(path.join(folder, name)));
}

/** `undefined` where there is none or it is not one of ours: then it proves nothing. */
export async function readEngineRecord(files: EngineFiles): Promise<EngineRecord | undefined> {
  let text: string;
  try {
    text = await readFile(files.record, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return engineRecordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not even JSON
  }
}

/** Digests of the settings that count in the worker, keyed by the nonce so that they betray no short secret. */
export function workerSettings(config: Config, nonce: string): Record<string, string> {
  const names = (Object.keys(SETTINGS) as SettingName[]).filter((name) => 'inWorker' in SETTINGS[name]);
  return Object.fromEntries(
    names.map((name) => [
      SETTINGS[name].variable,
      sha256(`${nonce} ${JSON.stringify(config[name])}`).slice(0, 16),
    ]),
  );
}

function enginesFolder(config: Pick<Config, 'stateDir'>, env: Environment): string {
  return path.join(stateFolder(config, env), 'engines');
}

function filesIn(folder: string): EngineFiles {
  const at = (name: string) => path.join(folder, name);
  return {
    folder,
    record: at('engine.json'),
    lock: at('engine.lock'),
    startLock: at('start.lock'),
    ports: at('ports.json'),
    database: at('temporal.db'),
    engineLog: at('engine.log'),
    serverLog: at('server.log'),
    workerLog: at('worker.log'),
  };
}
