/** Installs a package, and kills itself at the n-th call that writes: `node <this> <root> <file of the package> <n>`. */
import fs from 'node:fs';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { openPackageStore } from '../../adapters/marketplace/package-store.ts';
import type { JsonValue } from '../../core/json.ts';
import { readPackage } from '../../core/marketplace/package.ts';

type Call = (...given: unknown[]) => unknown;

const [root = '', file = '', killAt = '0'] = process.argv.slice(2);
const reading = readPackage(JSON.parse(readFileSync(file, 'utf8')) as JsonValue, file);
if (reading.status !== 'read') throw new Error(reading.problem);
let calls = 0;

/** Opening a file to read it writes nothing, and the files of the lock have tests of their own. */
function counts(name: string, [target, flags]: readonly unknown[]): boolean {
  if (/\/\.(lock|holder)/.test(String(target))) return false;
  return name !== 'openSync' || (typeof flags === 'string' && flags !== 'r');
}

/** A call that is killed has written half of its bytes, if it writes some. */
function watch(owner: Record<string, unknown>, name: string): void {
  const call = owner[name] as Call;
  owner[name] = (...given: unknown[]) => {
    if (counts(name, given) && ++calls === Number(killAt)) {
      const [target, data] = given;
      if (name === 'writeFileSync') call(target, (data as string).slice(0, (data as string).length / 2));
      process.kill(process.pid, 'SIGKILL');
    }
    return call.apply(owner, given);
  };
}

const SYNC = ['openSync', 'writeFileSync', 'renameSync', 'linkSync', 'unlinkSync', 'mkdirSync', 'rmSync'];
for (const name of SYNC) watch(fs, name);
const PROMISES = ['open', 'writeFile', 'rename', 'link', 'unlink', 'mkdir', 'rm', 'rmdir'];
for (const name of PROMISES) watch(fs.promises, name);
syncBuiltinESMExports();

const store = openPackageStore(root);
await store.exclusively(async () => {
  const found = reading.package;
  const entry = store.entryOf(found, { source: 'c.json', explicit: true });
  await store.apply({ write: [found], remove: [], lock: new Map([...store.lock(), [found.id, entry]]) });
});
