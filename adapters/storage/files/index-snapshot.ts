/** The snapshot of an index: a header line in JSON, then a line for every document. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { versionOf } from './index-facts.ts';

export interface Snapshot {
  /** Version of the folder that the snapshot shows. */
  readonly folder: string;
  /** Lines between line feeds, in Latin-1, sorted by key, the greatest first. */
  readonly text: string;
}

const NEWLINE = 0x0a;

/** Opens a snapshot file, which is read again only after it has changed. */
export function openSnapshot(file: string, temp: string) {
  let kept: { readonly version: string | undefined; readonly snapshot: Snapshot | undefined } | undefined;
  return {
    read: (): Snapshot | undefined => {
      const version = versionOf(file);
      if (kept === undefined || kept.version !== version) kept = { version, snapshot: readSnapshot(file) };
      return kept.snapshot;
    },
    write: (snapshot: Snapshot) => {
      writeSnapshot(file, snapshot, temp);
    },
  };
}

/** Returns undefined if there is no snapshot, or if it is incomplete or was changed. */
function readSnapshot(file: string): Snapshot | undefined {
  try {
    const bytes = readFileSync(file);
    const end = bytes.indexOf(NEWLINE);
    const lines = bytes.subarray(end);
    const { folder, crc } = JSON.parse(bytes.toString('latin1', 0, end)) as Record<string, unknown>;
    if (typeof folder !== 'string' || crc !== checksum(folder, lines)) return undefined;
    return { folder, text: lines.toString('latin1') };
  } catch {
    return undefined; // the file is missing or not JSON
  }
}

/** Replaces the file atomically; does nothing if it cannot be written. */
function writeSnapshot(file: string, { folder, text }: Snapshot, temp: string): void {
  const lines = Buffer.from(text, 'latin1');
  const head = Buffer.from(JSON.stringify({ folder, crc: checksum(folder, lines) }));
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temp, Buffer.concat([head, lines]), { mode: 0o600 });
    renameSync(temp, file);
  } catch {
    rmSync(temp, { force: true }); // such as on a full disk: the next list makes the snapshot again
  }
}

function checksum(folder: string, lines: Uint8Array): number {
  return crc32(lines, crc32(folder));
}
