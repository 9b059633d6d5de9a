/** Downloads a catalogue over HTTPS. What was downloaded last is kept with its ETag, and is read again while the server says so. */
import path from 'node:path';
import { Client } from 'undici';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { MAX_CATALOGUE_BYTES } from '../../core/marketplace/package-paths.ts';
import { sha256 } from '../../core/values/digest.ts';
import { ConnectFailure, checkedConnector } from '../connectors/http/connection.ts';
import type { Network } from '../connectors/http/connection.ts';
import { withDeadline } from '../connectors/deadline.ts';
import { keepText, readKept } from './kept-text.ts';

export interface DownloadOptions {
  /** Folder for what can be downloaded again. Called for addresses alone, because a user without a home has none. */
  readonly cacheDir: () => string;
  readonly network?: Network;
  /** Milliseconds for all requests together; default one minute. */
  readonly timeoutMs?: number;
}

const MAX_HEAD_BYTES = 64 * 1024;
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Resolves to the text of the catalogue. The server that the address names may be a private one, but a redirect to another
 * origin must lead to the public internet. Rejects with `usage`, `input_unreadable` or `address_refused`.
 */
export async function downloadCatalogue(address: string, options: DownloadOptions): Promise<string> {
  const url = readAddress(address);
  const file = path.join(options.cacheDir(), 'catalogues', sha256(url.href));
  const kept = readKept(file, MAX_CATALOGUE_BYTES);
  const ms = options.timeoutMs ?? TIMEOUT_MS;
  const { signal } = new AbortController(); // nobody cancels it
  const expired = () => unreadable(url, `did not arrive within ${ms} ms`);
  const answer = await withDeadline({ ms, signal, expired }, (deadline) =>
    follow(url, { ...options, signal: deadline.signal, etag: kept?.origin }),
  );
  if (answer.status === 'not_modified' && kept !== undefined) return kept.text;
  if (answer.status === 'not_modified')
    throw unreadable(url, 'came with status 304, which was not asked for');
  const text = decoded(url, answer.content);
  if (answer.etag !== undefined) await keepText(file, { origin: answer.etag, text }); // a header holds no line break
  return text;
}

function readAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url;
  // The address is not quoted, because it may hold a password.
  throw new SkillosError('usage', 'Expected a catalogue at an https address without user and password', {
    hint: 'Or name a JSON file or a folder with --catalog',
  });
}

interface Ask extends Pick<DownloadOptions, 'network'> {
  readonly signal: AbortSignal;
  readonly etag: string | undefined;
}

type Answer =
  | { readonly status: 'content'; readonly content: Uint8Array; readonly etag: string | undefined }
  | { readonly status: 'not_modified' };

type Step = Answer | { readonly status: 'redirect'; readonly location: string };

async function follow(first: URL, ask: Ask): Promise<Answer> {
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const step = await request(url, { ...ask, allowPrivate: url.origin === first.origin });
    if (step.status !== 'redirect') return step;
    url = redirected(url, step.location);
  }
  throw unreadable(first, `is behind more than ${MAX_REDIRECTS} redirects`);
}

function redirected(from: URL, location: string): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url;
  throw unreadable(from, 'redirects to what is no https address');
}

async function request(url: URL, ask: Ask & { readonly allowPrivate: boolean }): Promise<Step> {
  const { allowPrivate, network, signal, etag } = ask;
  const refused = (where: string) =>
    new SkillosError(
      'address_refused',
      `Catalogue ${JSON.stringify(url.href)} must not be read from ${where}`,
      {
        hint: 'Name the address that it redirects to with --catalog, if that is meant',
      },
    );
  const connect = checkedConnector({
    allowPrivate,
    timeoutMs: CONNECT_TIMEOUT_MS,
    refused,
    ...(network && { network }),
  });
  const client = new Client(url.origin, {
    connect,
    maxHeaderSize: MAX_HEAD_BYTES,
    maxResponseSize: MAX_CATALOGUE_BYTES,
    // The download as a whole has a timeout.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const { statusCode, headers, body } = await client.request({
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity', // so that the size has one limit
        'user-agent': 'skillos',
        ...(etag !== undefined && { 'if-none-match': etag }),
      },
      signal,
    });
    const { location, etag: given } = headers;
    if (statusCode === 304) return { status: 'not_modified' };
    if (REDIRECTS.has(statusCode) && typeof location === 'string') return { status: 'redirect', location };
    if (statusCode !== 200) throw unreadable(url, `came with status ${statusCode}`);
    const content = await body.bytes();
    return { status: 'content', content, etag: typeof given === 'string' ? given : undefined };
  } catch (error) {
    throw isSkillosError(error) ? error : failed(url, error);
  } finally {
    await client.destroy();
  }
}

function failed(url: URL, error: unknown): SkillosError {
  const { code, name } = (error instanceof ConnectFailure ? error.cause : error) as NodeJS.ErrnoException;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    return unreadable(url, `is larger than ${MAX_CATALOGUE_BYTES / 1024 / 1024} MiB`, error);
  }
  return unreadable(url, `did not arrive: ${code ?? name}`, error);
}

function decoded(url: URL, content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    throw unreadable(url, 'is not UTF-8', error);
  }
}

function unreadable(url: URL, why: string, cause?: unknown): SkillosError {
  return new SkillosError('input_unreadable', `Catalogue ${JSON.stringify(url.href)} ${why}`, { cause });
}
