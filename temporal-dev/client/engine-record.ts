/** Files by which commands find a local engine, and the status document of its control port. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { SETTINGS } from '../../core/settings/settings.ts';
import type { Config, Environment, SettingName } from '../../core/settings/config.ts';
import { sha256 } from '../../core/values/digest.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { isErrno } from '../../adapters/files/files.ts';
import { engineFolder, enginesFolder } from '../../adapters/machine/local-folders.ts';

export const engineRecordSchema = z.object({
  schema: z.literal('skillos.engine/v1'),
  /** Secret of this user's processes; the engine proves it on the control port. */
  nonce: z.string().min(32),
  pid: z.int().positive(),
  controlPort: z.int().positive(),
  version: z.string(),
  root: z.string(),
  server: z.object({ pid: z.int().positive(), port: z.int(), uiPort: z.int() }).optional(),
  /** Pids of all workers, including those that drain. */
  workers: z.array(z.int().positive()),
});
/** Content of `engine.json`. An orderly stop removes the file, so a record without a running engine means a crash. */
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
  /** Reason of a failure or restart. */
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
  /** The last lines of progress, numbered from the start. */
  notes: z.array(z.object({ number: z.int(), line: z.string() })),
  server: z
    .object({ pid: z.int(), address: z.string(), uiUrl: z.string(), namespace: z.string() })
    .optional(),
  worker: z.object({
    pid: z.int().optional(),
    taskQueue: z.string(),
    build: z.string(),
    /** Digest of each setting that the worker reads, by variable. */
    settings: z.record(z.string(), z.string()),
    /** Variables in the environment of the worker; absent from engines of an earlier build. */
    named: z.array(z.string()).optional(),
  }),
});
export type EngineStatus = z.output<typeof engineStatusSchema>;

/** Body of `POST /worker`. */
export const workerEnvironmentSchema = z.object({
  env: z.record(z.string().regex(/^SKILLOS_/), z.string()),
  cwd: z.string(),
  build: z.string(),
});
export type WorkerEnvironment = z.output<typeof workerEnvironmentSchema>;

export interface EngineFiles {
  readonly folder: string;
  readonly record: string;
  /** Held by the engine while it runs. */
  readonly lock: string;
  /** Held by the command that starts it. */
  readonly startLock: string;
  /** Kept after an orderly stop, so that the next engine uses the same ports. */
  readonly ports: string;
  readonly database: string;
  readonly engineLog: string;
  readonly serverLog: string;
  readonly workerLog: string;
}

/** Resolves to the real path of the skills root; rejects with `root_not_found`. */
export async function realRoot(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (cause) {
    throw new SkillosError('root_not_found', `Skills root ${JSON.stringify(root)} does not exist`, { cause });
  }
}

/** Returns the files of the engine of `root`, a real path; there is one engine per user and root. */
export function engineFiles(config: Pick<Config, 'stateDir'>, env: Environment, root: string): EngineFiles {
  return filesIn(engineFolder(config, env, root));
}

/** Resolves to the files of every engine of this user that has a folder. */
export async function allEngineFiles(
  config: Pick<Config, 'stateDir'>,
  env: Environment,
): Promise<readonly EngineFiles[]> {
  const folder = enginesFolder(config, env);
  const names = await readdir(folder).catch(() => []); // no engine was ever started
  return names.filter((name) => /^[0-9a-f]{16}$/.test(name)).map((name) => filesIn(path.join(folder, name)));
}

/** Resolves to undefined if the file is missing or malformed. */
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
    return undefined; // not JSON
  }
}

/** Returns digests of the settings that the worker reads, salted with the nonce so that a short secret cannot be guessed. */
export function workerSettings(config: Config, nonce: string): Record<string, string> {
  const names = (Object.keys(SETTINGS) as SettingName[]).filter((name) => 'inWorker' in SETTINGS[name]);
  return Object.fromEntries(
    names.map((name) => [
      SETTINGS[name].variable,
      sha256(`${nonce} ${JSON.stringify(config[name])}`).slice(0, 16),
    ]),
  );
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
