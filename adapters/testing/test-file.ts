/** Runs a skill's test file, which may be TypeScript, offline with Node's test runner. */
import type { ChildProcess } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import type { TestResult } from '../../core/testing/skill-test.ts';
import { bundle } from '../skill-code/bundler.ts';
import { realpathBelow, safeJoin } from '../files/files.ts';
import { endMarked } from '../skill-host/descendants.ts';
import { createLauncher } from '../skill-host/launch.ts';
import type { LaunchOptions } from '../skill-host/launch.ts';

const EXTENSIONS = ['ts', 'mts', 'js', 'mjs'] as const;
const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_CHARS = 1_000_000;

interface Place {
  readonly root: string;
  readonly skill: SkillId;
  /** Folder for the bundled test. */
  readonly folder: string;
}

/** Resolves to one result whose message names the failed tests; to an empty list without a test file. */
export async function runTestFile(options: LaunchOptions, place: Place): Promise<readonly TestResult[]> {
  const file = await findTestFile(place.root, place.skill);
  if (file === undefined) return [];
  const result = { kind: 'test file', name: file } as const;
  try {
    const { code } = await bundle(place.root, await realpathBelow(place.root, safeJoin(place.root, file)));
    const bundled = path.join(place.folder, 'test-file.mjs');
    await writeFile(bundled, code);
    const message = await failureOf(options, bundled);
    return [{ ...result, passed: message === undefined, ...(message === undefined ? {} : { message }) }];
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    return [{ ...result, passed: false, message: error.message }];
  }
}

async function findTestFile(root: string, skill: SkillId): Promise<string | undefined> {
  for (const extension of EXTENSIONS) {
    const file = `tests/${skill}.test.${extension}`;
    const found = await stat(safeJoin(root, file)).catch(() => undefined);
    if (found?.isFile()) return file;
  }
  return undefined;
}

async function failureOf(options: LaunchOptions, childPath: string): Promise<string | undefined> {
  const nodeArguments = [...(options.nodeArguments ?? []), '--test-reporter=tap'];
  const { child, mark } = createLauncher({ ...options, childPath, nodeArguments })();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MAX_OUTPUT_CHARS) output += text;
    });
  }
  const timer = setTimeout(() => killGroup(child), TIMEOUT_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  clearTimeout(timer);
  killGroup(child); // ends processes that the test left running
  await endMarked(mark);
  return code === 0 ? undefined : reasonIn(output, code);
}

/** Returns the names of failed tests, otherwise the thrown error, otherwise the last line of output. */
function reasonIn(output: string, code: number | null): string {
  const failed = [...output.matchAll(/^ *not ok \d+ - (.+?)( # .*)?$/gm)].map((match) => match[1] as string);
  if (failed.length > 0) return `failed: ${failed.join('; ')}`;
  const thrown = /^\w*Error(?: \[\w+\])?: .+$/m.exec(output)?.[0];
  const last = thrown ?? output.trimEnd().split('\n').at(-1)?.trim();
  return `ended with ${code === null ? 'a signal' : `exit code ${code}`}${last ? `: ${last}` : ''}`;
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: the group has ended
  }
}
