/** How much memory a skill process had shortly before it died: a crash for want of memory often leaves no word. */
import { readFileSync } from 'node:fs';

const INTERVAL_MS = 100;

export class MemoryWatch {
  readonly #statusFile: string;
  readonly #limitKb: number;
  #dataKb = 0;

  /** `limitBytes` is what the system grants for the process's data. */
  constructor(pid: number | undefined, limitBytes: number) {
    this.#statusFile = `/proc/${pid}/status`;
    this.#limitKb = limitBytes / 1024;
  }

  /** Looks from time to time, first after a while, so that short calls pay nothing. */
  start(): NodeJS.Timeout {
    this.#dataKb = 0;
    return setInterval(() => this.#look(), INTERVAL_MS).unref();
  }

  /** Whether it had used more than half when last seen; it may have grown fast since. */
  get wasHigh(): boolean {
    return this.#dataKb > this.#limitKb / 2;
  }

  #look(): void {
    try {
      const status = readFileSync(this.#statusFile, 'latin1');
      this.#dataKb = Number(/^VmData:\s+(\d+) kB$/m.exec(status)?.[1] ?? this.#dataKb);
    } catch {
      // no Linux, or gone
    }
  }
}
