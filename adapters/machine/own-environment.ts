/**
 * Hides the secrets in the environment of this process. Linux shows the memory in which the environment was passed to a
 * process in `/proc/<pid>/environ`, to all processes of its user, thus also to skills. Changes of the environment by the
 * process leave that memory as it is, so it is overwritten through `/proc/self/mem`.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Environment } from '../../core/settings/config.ts';

/** Variables that this program alone reads, and only from the object that `takeEnvironment` returns. */
const OWN =
  /^(SKILLOS_.*|DATABASE_URL|REDIS_URL|OTEL_EXPORTER_OTLP_(TRACES_)?HEADERS|TEMPORAL_(API_KEY|TLS_.*|CODEC_.*|GRPC_META_.*))$/;
/** Credentials of other programs, which none of our libraries reads. */
const FOREIGN = /PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|API_?KEY|ACCESS_KEY|PRIVATE/i;
/** Variables that libraries may read: the driver for Postgres, HTTP clients, pip. It may contain passwords. */
const SHARED = /^PG|_(DSN|URL|URI)$|PROXY$/i;

/** Fields of /proc/self/stat after the name of the program; see proc(5). */
const ENV_START = 47;

/**
 * Returns a copy of the environment. Removes our own variables and credentials of other programs from `env`, which children
 * inherit, and hides them in `/proc`. On other systems, or if the kernel refuses, nothing is hidden in `/proc`.
 */
export function takeEnvironment(env: NodeJS.ProcessEnv): Environment {
  const taken = { ...env };
  const names = new Set(Object.keys(taken).filter(isHidden));
  for (const name of names) {
    delete env[name];
    if (!OWN.test(name) && SHARED.test(name)) env[name] = taken[name]; // in other memory now
  }
  if (names.size > 0) overwrite(names);
  return taken;
}

/** Returns the names of variables that should be hidden and are not. */
export function shownVariables(): readonly string[] {
  return entries()
    .filter(({ name, value }) => isHidden(name) && value.some((byte) => byte !== 0))
    .map(({ name }) => name);
}

function isHidden(name: string): boolean {
  return OWN.test(name) || FOREIGN.test(name) || SHARED.test(name);
}

interface Entry {
  readonly name: string;
  readonly value: Buffer;
  /** Position of the value in the environment. */
  readonly begin: number;
}

/** Returns no entries if the system has no /proc. */
function entries(): readonly Entry[] {
  const found: Entry[] = [];
  const block = read('/proc/self/environ');
  for (let begin = 0; begin < block.length;) {
    const zero = block.indexOf(0, begin);
    const end = zero === -1 ? block.length : zero;
    const equals = end === begin ? -1 : block.indexOf('=', begin);
    if (equals > begin && equals < end) {
      const name = block.toString('latin1', begin, equals);
      found.push({ name, value: block.subarray(equals + 1, end), begin: equals + 1 });
    }
    begin = end + 1;
  }
  return found;
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

function overwrite(names: ReadonlySet<string>): void {
  const start = startOfEnvironment();
  const hidden = entries().filter(({ name }) => names.has(name));
  if (start === undefined || hidden.length === 0) return;
  try {
    const memory = openSync('/proc/self/mem', 'r+');
    for (const { value, begin } of hidden)
      writeSync(memory, Buffer.alloc(value.length), 0, value.length, start + begin);
    closeSync(memory);
  } catch {
    // the worker reports what is still shown
  }
}

/** The address of the first entry. */
function startOfEnvironment(): number | undefined {
  const stat = read('/proc/self/stat').toString('latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const start = Number(fields[ENV_START]);
  return Number.isSafeInteger(start) && start > 0 ? start : undefined;
}
