/** Reads the payload from an option, a file or standard input. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { getSystemErrorMap } from 'node:util';
import { CARRIED_MAX_BYTES } from '../../core/values/carried.ts';
import { SkillosError } from '../../core/errors/errors.ts';

export interface PayloadOptions {
  /** Text, `@file`, or `-` for standard input. */
  readonly payload: string | undefined;
  readonly payloadFile: string | undefined;
  readonly fromStdin: boolean;
}

/** Throws `usage` for more than one source. */
export function requireOnePayload({ payload, payloadFile, fromStdin }: PayloadOptions): void {
  if ([payload !== undefined, payloadFile !== undefined, fromStdin].filter(Boolean).length > 1) {
    throw new SkillosError('usage', 'Expected one of --payload, --payload-file and --stdin');
  }
}

/** Resolves to the text, or to undefined if there is none. Rejects with `usage` for more than one source. */
export async function readPayload(options: PayloadOptions, stdin: Readable): Promise<string | undefined> {
  requireOnePayload(options);
  const { payload, payloadFile, fromStdin } = options;
  if (fromStdin || payload === '-') return decode(await readAll(stdin), 'standard input');
  const file = payloadFile ?? (payload?.startsWith('@') ? payload.slice(1) : undefined);
  return file === undefined ? payload : decode(await readPayloadFile(file), `file "${file}"`);
}

async function readPayloadFile(file: string): Promise<Uint8Array> {
  try {
    return await readAll(createReadStream(file)); // it may be a pipe, or a device that never ends
  } catch (error) {
    throw new SkillosError('input_unreadable', `Cannot read payload file "${file}"${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  const [code, reason] = getSystemErrorMap().get((error as NodeJS.ErrnoException).errno ?? 0) ?? [];
  return code === undefined ? '' : `: ${reason} (${code})`;
}

/** Stops reading above the limit; `decode` then refuses the payload. */
async function readAll(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const data = Buffer.from(chunk as Uint8Array | string);
    chunks.push(data);
    bytes += data.length;
    if (bytes > CARRIED_MAX_BYTES) break;
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array, source: string): string {
  if (bytes.length > CARRIED_MAX_BYTES) {
    throw new SkillosError(
      'payload_too_large',
      `Payload of ${source} is larger than ${CARRIED_MAX_BYTES} bytes`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new SkillosError('input_unreadable', `Payload of ${source} is not UTF-8`, { cause: error });
  }
}
