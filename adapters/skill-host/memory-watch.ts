/** Samples the memory of a skill process, because a crash by lack of memory often leaves no message. */
import { readFileSync } from 'node:fs';
import type { DataLimit } from './launch.ts';

const INTERVAL_MS = 100;

export class MemoryWatch {
  readonly #pid: number | undefined;
  readonly #depth: number;
  readonly #limitKb: number;
  readonly #mappedKb: number;
  #dataKb = 0;

  /** `depth` processes that wrap the process are between it and `pid`. */
  constructor(pid: number | undefined, { limitBytes, mappedBytes }: DataLimit, depth: number) {
    this.#pid = pid;
    this.#depth = depth;
    this.#limitKb = (limitBytes - mappedBytes) / 1024;
    this.#mappedKb = mappedBytes / 1024;
  }

  /** Samples every 100 ms, first after 100 ms, so that short calls cost nothing. */
  start(): NodeJS.Timeout {
    this.#dataKb = 0;
    return setInterval(() => this.#sample(), INTERVAL_MS).unref();
  }

  /** True if the last sample was over half of the limit; the process may have grown quickly since. */
  get wasHigh(): boolean {
    return this.#dataKb - this.#mappedKb > this.#limitKb / 2;
  }

  #sample(): void {
    try {
      let pid = String(this.#pid);
      for (let level = 0; level < this.#depth; level++) {
        pid = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
      }
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      this.#dataKb = Number(/^VmData:\s+(\d+) kB$/m.exec(status)?.[1] ?? this.#dataKb);
    } catch {
      // not Linux, or the process has ended
    }
  }
}
