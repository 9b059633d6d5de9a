/** Other releases of Node, from the npm packages that carry its binaries. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** By major version: the releases that are tested besides the one that runs the tests. */
export const RELEASES = { 22: '22.23.5', 24: '24.22.3' } as const;

const INSTALL_TIMEOUT_MS = 120_000;

/** Returns the path of the binary, which is kept in the user's cache. Throws if npm does not have it or does not answer in time. */
export function nodeRelease(major: keyof typeof RELEASES): string {
  const cache = process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  const folder = path.join(cache, 'skillos', 'nodes', RELEASES[major]);
  if (!existsSync(folder)) install(`node-${process.platform}-${process.arch}@${RELEASES[major]}`, folder);
  return path.join(folder, 'node_modules', 'node', 'bin', 'node');
}

function install(name: string, folder: string): void {
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    const options = ['--prefix', partial, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
    execFileSync('npm', ['install', ...options, `node@npm:${name}`], {
      timeout: INSTALL_TIMEOUT_MS,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (!existsSync(folder)) renameSync(partial, folder); // otherwise another process was first
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
