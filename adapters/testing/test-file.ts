/** Runs a skill's test file, which may be TypeScript, offline with Node's test runner. */
import type { ChildProcess } from 'node:child_process';
import { realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CORE_SCHEMA, load } from 'js-yaml';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import type { TestResult } from '../../core/testing/skill-test.ts';
import { openInstalledPackages } from '../marketplace/installed-packages.ts';
import { SANDBOX_PROGRAM } from '../sandbox/sandbox.ts';
import { bundle } from '../skill-code/bundler.ts';
import { realpathBelow, safeJoin } from '../files/files.ts';
import { endMarked } from '../skill-host/descendants.ts';
import { createLauncher } from '../skill-host/launch.ts';
import type { LaunchOptions } from '../skill-host/launch.ts';

const EXTENSIONS = ['ts', 'mts', 'js', 'mjs'] as const;
const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_CHARS = 1_000_000;
const MAX_REASON_CHARS = 8000;

interface Place {
  readonly root: string;
  readonly skill: SkillId;
  /** Folder for the bundled test. */
  readonly folder: string;
  /** True if all code runs in the sandbox; a test file that imports code of a package always does. */
  readonly isConfined: boolean;
}

/** Resolves to one result whose message names the failed tests; to an empty list without a test file. */
export async function runTestFile(options: LaunchOptions, place: Place): Promise<readonly TestResult[]> {
  const file = await findTestFile(place.root, place.skill);
  if (file === undefined) return [];
  const result = { kind: 'test file', name: file } as const;
  try {
    const base = await realpath(place.root);
    const { code, inputs } = await bundle(base, await realpathBelow(base, safeJoin(base, file)));
    const packages = openInstalledPackages(base, false);
    const isConfined =
      place.isConfined || inputs.some((input) => packages.ownerOf(path.relative(base, input)) !== undefined);
    const bundled = path.join(place.folder, 'test-file.mjs');
    await writeFile(bundled, code);
    const message = await failureOf({ ...options, isConfined }, bundled);
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
  if (code === 0) return undefined;
  const program = options.isConfined === true ? SANDBOX_PROGRAM : childPath;
  const folder = `${path.dirname(program)}/`; // sources are relative to the bundle
  return reasonIn(output.replaceAll(pathToFileURL(folder).href, '').replaceAll(folder, ''), code);
}

/** Returns the failed tests with place and reason, otherwise the thrown error, otherwise the last line of output. */
function reasonIn(output: string, code: number | null): string {
  const failed = [...output.matchAll(FAILED)].map(({ groups = {} }) => failureIn(groups));
  const own = failed.filter(({ isGroup }) => !isGroup);
  if (own.length > 0)
    return own
      .map(({ text }) => text)
      .join('\n')
      .slice(0, MAX_REASON_CHARS);
  const thrown = /^\w*Error(?: \[\w+\])?: .+$/m.exec(output)?.[0];
  const last = thrown ?? output.trimEnd().split('\n').at(-1)?.trim();
  return `ended with ${code === null ? 'a signal' : `exit code ${code}`}${last ? `: ${last}` : ''}`;
}

/** A failed test in TAP, with its description in YAML. */
const FAILED =
  /^(?<indent> *)not ok \d+ - (?<name>.+?)(?: # .*)?\n\k<indent> {2}---\n(?<yaml>[^]*?)\n\k<indent> {2}\.\.\.$/gm;
/** A frame in a file of the root: the bundler has made its path relative. */
const OWN_FRAME = /(?:^|\()((?!node:|\/|file:)[^():\n]+:\d+:\d+)\)?$/m;

function failureIn({ name = '', yaml = '' }: Readonly<Record<string, string>>) {
  const { error, stack, location, failureType } = fieldsOf(yaml);
  const place = OWN_FRAME.exec(stack ?? '')?.[1] ?? location;
  const head = `failed: ${name}${place === undefined ? '' : ` (${place})`}`;
  return {
    isGroup: failureType === 'subtestsFailed',
    text: [head, error?.trimEnd()].filter(Boolean).join('\n'),
  };
}

/** Values that tests print may break the YAML of Node's reporter. */
function fieldsOf(yaml: string): Readonly<Partial<Record<string, string>>> {
  try {
    const fields = Object.entries(load(yaml, { schema: CORE_SCHEMA }) as object);
    return Object.fromEntries(fields.map(([field, value]) => [field, String(value)]));
  } catch {
    return {};
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: the group has ended
  }
}
