/** Prepares a clone: packages, build, Temporal. Plain Node, because nothing is installed yet. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SOURCES_FILE, stateOfSources } from './sources.mjs';

const top = fileURLToPath(new URL('..', import.meta.url));
const BUILT = [
  'skillos.mjs',
  'skill-child.mjs',
  'skill-offline.mjs',
  'skill-api.mjs',
  'client.mjs',
  'workflows.js',
  'types',
];
const REPORT_EVERY_MS = 5_000;

/** Runs the missing steps; takes under 0.3 s if none is missing. Rejects if a step fails. */
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

/** True if node_modules matches the lock file; packages for other systems may be missing. */
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

/** True if dist/ is complete and was built from the present sources. */
function isBuilt() {
  if (!existsSync(SOURCES_FILE) || readFileSync(SOURCES_FILE, 'utf8') !== stateOfSources()) return false;
  return BUILT.every((name) => existsSync(join(top, 'dist', name)));
}

/** The npm that runs this script; otherwise the one on PATH. */
function npm(...args) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, [script, ...args]] : ['npm', args];
}

/** Runs a long step, and reports every few seconds that it still runs. */
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

/** Passes output to stderr, because stdout belongs to the caller of the set-up. */
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

/** Runs `main` and sets the exit code; `main` resolves to an exit code or to undefined. */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`setup: ${error.message}\n`);
    process.exitCode = Number.isInteger(error.code) ? error.code : 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runMain(setup);
