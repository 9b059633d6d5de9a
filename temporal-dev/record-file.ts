/** Files that an engine writes into its folder: `engine.json` and its last ports. */
import { readFile, rm } from 'node:fs/promises';
import * as z from 'zod';
import { engineRecordSchema, readEngineRecord } from './client/engine-record.ts';
import type { EngineFiles, EngineRecord } from './client/engine-record.ts';
import { writeAtomic } from '../adapters/files/files.ts';
import type { Ports } from './server.ts';

const POLL_INTERVAL_MS = 2_000;
const portsSchema = z.object({ port: z.int().positive(), uiPort: z.int().positive() });

/** Writes `engine.json`, one version after another. */
export class RecordFile {
  readonly #file: string;
  #written: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /** Calls `current` when earlier writes are done, so that the file ends with the latest record. */
  save(current: () => EngineRecord): Promise<void> {
    const write = () => writeAtomic(this.#file, JSON.stringify(engineRecordSchema.parse(current())));
    this.#written = this.#written.then(write, write);
    return this.#written;
  }

  async remove(): Promise<void> {
    await this.#written.catch(() => undefined); // the caller of `save` has received this error
    await rm(this.#file, { force: true });
  }
}

/** Calls `onLost` if the record no longer holds `nonce`: commands cannot find this engine any more. Returns a function that stops watching. */
export function watchRecord(files: EngineFiles, nonce: string, onLost: () => void): () => void {
  const check = async () => {
    if ((await readEngineRecord(files))?.nonce !== nonce) onLost();
  };
  const timer = setInterval(() => {
    check().catch(() => undefined); // a failed read does not mean that the record is lost
  }, POLL_INTERVAL_MS);
  return () => clearInterval(timer);
}

/** Resolves to the ports of the engine's last run; undefined if they are not known. */
export async function lastPorts(files: EngineFiles): Promise<Ports | undefined> {
  try {
    return portsSchema.parse(JSON.parse(await readFile(files.ports, 'utf8')));
  } catch {
    return undefined; // first start or damaged file: any port will do
  }
}

export function savePorts(files: EngineFiles, { port, uiPort }: Ports): Promise<void> {
  return writeAtomic(files.ports, JSON.stringify({ port, uiPort }));
}
