/** Identifies the build of a worker for Temporal's worker versioning. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packageFile } from './package.ts';

const HASH_DIGITS = 12;

/**
 * The release and the start of the SHA-256 of the bundled workflow code: histories replay on a worker with the same bundle, and
 * activities belong to the release.
 */
export function buildIdOf(release: string, workflowBundle = packageFile('dist/workflows.js')): string {
  const hash = createHash('sha256').update(readFileSync(workflowBundle)).digest('hex');
  return `${release}-${hash.slice(0, HASH_DIGITS)}`;
}
