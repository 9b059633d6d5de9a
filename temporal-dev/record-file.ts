/** What an engine writes into its folder: `engine.json`, one version after the other, and its ports. */
import { readFile, rm } from 'node:fs/promises';
import * as z from 'zod';
import { engineRecordSchema, readEngineRecord } from '../adapters/engine-record.ts';
import type { EngineFiles, EngineRecord } from '../adapters/engine-record.ts';
import { writeAtomic } from '../adapters/files.ts';
import type { Ports } from './server.ts';

const LOOK_EVERY_MS = 2_000;
const portsSchema = z.object({ port: z.int().positive(), uiPort: z.int().positive() });

export class RecordFile {
  readonly #file: string;
  #written: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /** `current` is asked when its turn comes, so the last one written is the latest. */
  save(current: () => EngineRecord): Promise<void> {
    const write = () => writeAtomic(this.#file, JSON.stringify(engineRecordSchema.parse(current())));
    this.#written = this.#written.then(write, write);
    return this.#written;
  }

  async remove(): Promise<void> {
    await this.#written.catch(() => undefined); // whoever saved was told
    await rm(this.#file, { force: true });
  }
}

/** Calls `onLost` when the record is no longer that of `nonce`: nobody finds that engine any more. */
export function watchRecord(files: EngineFiles, nonce: string, onLost: () => void): () => void {
  const look = async () => {
    if ((await readEngineRecord(files))?.nonce !== nonce) onLost();
  };
  const timer = setInterval(() => {
    look().catch(() => undefined); // unreadable for a moment is not lost
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/** Those the engine had when it last ran; `undefined` where that is not known. */
export async function lastPorts(files: EngineFiles): Promise<Ports | undefined> {
  try {
    return portsSchema.parse(JSON.parse(await readFile(files.ports, 'utf8')));
  } catch {
    return undefined; // a first start, or nothing that would be worth failing for
  }
}

export function savePorts(files: EngineFiles, { port, uiPort }: Ports): Promise<void> {
  return writeAtomic(files.ports, JSON.stringify({ port, uiPort }));
}
