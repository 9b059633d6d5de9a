/** Writes `engine.json`, one version after the other. */
import { rm } from 'node:fs/promises';
import { engineRecordSchema } from '../adapters/engine-record.ts';
import type { EngineRecord } from '../adapters/engine-record.ts';
import { writeAtomic } from '../adapters/files.ts';

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
