/** From a bare clone to everything that is needed: packages, build, Temporal. Plain Node, since nothing is installed yet. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['core', 'adapters', 'activities', 'workflows', 'client', 'server', 'cli', 'temporal-dev'];
const SOURCE_FILES = ['build.mjs', 'package.json', 'package-lock.json'];
const BUILT = [
  'skillos.mjs',
  'chunk-loader.cjs',
  'skill-child.mjs',
  'skill-api.mjs',
  'workflows.js',
  'types',
];
const REPORT_EVERY_MS = 5_000;

/** Does what is missing, and in under 0.3 s nothing where nothing is; rejects where a step fails. */
export async function setup() {
  checkNode();
  if (!isInstalled()) await step('installing packages (npm ci)', ...npm('ci', '--no-audit', '--no-fund'));
  if (!isBuilt()) await step('building', process.execPath, ['build.mjs']);
  await run(process.execPath, ['dist/skillos.mjs', 'temporal', 'install']);
}

function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
  const [major = 0, minor = 0] = engines.node.match(/\d+/g).map(Number);
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new Error(`SkillOS needs Node ${major}.${minor} or newer, this is ${process.versions.node}`);
}

/** Whether node_modules holds what the lock file asks for; packages for other systems may be absent. */
function isInstalled() {
  const installed = packagesOf('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  return Object.entries(packagesOf('package-lock.json')).every(([path, wanted]) => {
    const found = installed[path];
    return path === '' || (found === undefined ? wanted.optional : found.integrity === wanted.integrity);
  });
}

function packagesOf(file) {
  const path = join(top, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
}

/** Whether all of dist/ is newer than every source; the time of a folder tells of files removed. */
function isBuilt() {
  const built = BUILT.map((name) => modified(join('dist', name)));
  const sources = [...SOURCE_FILES, ...SOURCES.flatMap(pathsBelow)].map(modified);
  return Math.min(...built) > Math.max(...sources);
}

function pathsBelow(folder) {
  if (!existsSync(join(top, folder))) return [];
  const entries = readdirSync(join(top, folder), { recursive: true });
  return [folder, ...entries.map((entry) => join(folder, entry))];
}

/** Unix milliseconds; 0 where there is no such path. */
function modified(path) {
  return statSync(join(top, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The npm that runs us, where one does. */
function npm(...args) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, [script, ...args]] : ['npm', args];
}

/** A step that takes long: says so, and every few seconds that it goes on. */
async function step(name, command, args) {
  const begun = performance.now();
  const elapsed = () => `${((performance.now() - begun) / 1000).toFixed(1)}s`;
  process.stderr.write(`setup: ${name}\n`);
  const timer = setInterval(() => process.stderr.write(`setup: ${name}, ${elapsed()}\n`), REPORT_EVERY_MS);
  try {
    await run(command, args);
  } finally {
    clearInterval(timer);
  }
  process.stderr.write(`setup: ${name} took ${elapsed()}\n`);
}

/** Its output goes to stderr: stdout belongs to whoever asked for the set-up. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: top, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          Object.assign(new Error(`${command} ${args.join(' ')}: ${signal ?? `exit ${code}`}`), { code }),
        );
    });
  });
}

/** Runs `main` and ends the process as it went; `main` resolves to an exit code, or to nothing. */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`setup: ${error.message}\n`);
    process.exitCode = Number.isInteger(error.code) ? error.code : 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runMain(setup);
