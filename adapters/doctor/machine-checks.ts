/** What `skillos doctor` looks at on this machine: Node, folders, disk, skills and policies, keys. */
import { X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, statfs } from 'node:fs/promises';
import path from 'node:path';
import { checkSecret } from '../../core/connectors/secret-check.ts';
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { placeOf } from '../../core/skills/find-skill.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import { SETTINGS } from '../../core/settings/settings.ts';
import type { Check, Problem } from '../../core/telemetry/diagnosis.ts';
import { isErrno } from '../files/files.ts';
import { checkTokenSettings } from '../identity/jwt.ts';
import { presentOrFolder } from '../deployments/present-root.ts';
import type { PresentRoots } from '../deployments/present-root.ts';
import { reviewCatalog, reviewSecrets } from '../catalog/catalog-review.ts';
import { cacheFolder, enginesFolder } from '../machine/local-folders.ts';
import { packageFile } from '../machine/package.ts';
import { sandboxProblem } from '../sandbox/sandbox.ts';
import { secretUses } from '../secrets/secret-uses.ts';
import { openSecretSources } from '../secrets/secrets.ts';
import { stateFolderProblems } from './folder-checks.ts';

export interface Machine {
  readonly config: Config;
  readonly env: Environment;
  readonly roots: PresentRoots;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Such as `22.1.0`. */
  readonly nodeVersion: string;
  /** Below it a disk counts as full; in bytes. */
  readonly minFreeBytes?: number;
}

const MIN_FREE_BYTES = 512 * 1024 * 1024;
const MIN_SECRET_LENGTH = 16;
const EXPIRY_WARNING_MS = 14 * 24 * 60 * 60 * 1000;

export function machineChecks(machine: Machine): readonly Check[] {
  return [
    { name: 'node', run: () => node(machine) },
    { name: 'folders', run: () => folders(machine) },
    { name: 'state', run: () => stateFolderProblems(path.resolve(machine.config.root)) },
    { name: 'root', run: () => rootFiles(machine) },
    { name: 'secrets', run: () => secrets(machine) },
    { name: 'sandbox', run: () => sandbox(machine) },
    { name: 'keys', run: () => keys(machine) },
  ];
}

async function node({ nodeVersion }: Machine): Promise<readonly Problem[]> {
  const { engines } = JSON.parse(await readFile(packageFile('package.json'), 'utf8')) as Package;
  const [major = 0, minor = 0] = numbersIn(engines.node);
  const [ownMajor = 0, ownMinor = 0] = numbersIn(nodeVersion);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return [];
  const message = `Node is ${nodeVersion}: expected ${engines.node}`;
  return [{ message, remedy: `Install Node ${major} or newer` }];
}

interface Package {
  readonly engines: { readonly node: string };
}

const numbersIn = (text: string) => (text.match(/\d+/g) ?? []).map(Number);

/** Folders that SkillOS writes, and the space on their disks. */
async function folders({ config, env, minFreeBytes = MIN_FREE_BYTES }: Machine): Promise<readonly Problem[]> {
  const wanted = [
    { what: 'the skills root', folder: path.resolve(config.root) },
    { what: SETTINGS.cacheDir.variable, folder: cacheFolder(config, env) },
    { what: SETTINGS.stateDir.variable, folder: enginesFolder(config, env) },
  ];
  const found = await Promise.all(
    wanted.map(async ({ what, folder }) => {
      const existing = await nearestExisting(folder);
      if (!(await isWritable(existing))) return [unwritable(what)];
      const { bavail, bsize } = await statfs(existing);
      const free = bavail * bsize;
      return free < minFreeBytes ? [nearlyFull(what, free, minFreeBytes)] : [];
    }),
  );
  return found.flat();
}

function unwritable(what: string): Problem {
  return {
    message: `The folder of ${what} cannot be written`,
    remedy: 'Give it to the user that runs SkillOS, or name another folder',
  };
}

function nearlyFull(what: string, free: number, wanted: number): Problem {
  return {
    message: `${megabytes(free)} MB are free on the disk of ${what}: expected ${megabytes(wanted)}`,
    remedy: 'Free disk space, or move the folder',
  };
}

const megabytes = (bytes: number) => Math.floor(bytes / 1024 / 1024);

/** SkillOS makes missing folders itself. */
async function nearestExisting(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch (error) {
    if (!isErrno(error, 'ENOENT') || folder === path.dirname(folder)) return folder;
    return nearestExisting(path.dirname(folder));
  }
}

function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Skills, policies and the file of secrets. */
async function rootFiles({ config: { root }, roots }: Machine): Promise<readonly Problem[]> {
  const { folder, catalogs, deployment } = await roots.current();
  const findings = await reviewCatalog(folder, await catalogs.load());
  const secrets = deployment === undefined ? [] : reviewSecrets(root);
  return findings
    .concat(secrets)
    .filter(({ severity }) => severity === 'error')
    .map((finding) => ({ message: `${placeOf(finding)} ${finding.message}`, remedy: 'skillos validate' }));
}

/** Whether connectors and skills find their secrets in this environment and in the file of this host. */
async function secrets({ config, env, roots }: Machine): Promise<readonly Problem[]> {
  const { root, production } = config;
  const { folder, catalogs } = await presentOrFolder(roots, root)();
  const uses = await secretUses(folder, await catalogs.load());
  const sources = openSecretSources({ root, env, production });
  return uses
    .map((use) => checkSecret(use, sources))
    .filter(({ found }) => found === undefined)
    .map(({ kind, owner, key, names }) => ({
      message: `The ${kind} ${owner} finds no secret "${key}" here: expected ${names.join(' or ') || 'a setting'}`,
      remedy: `skillos secrets init --${kind} ${owner}; for variables of the worker alone, run doctor with them`,
    }));
}

/** Whether the sandbox starts here, if a skill of the root needs it. */
async function sandbox({ config, env, roots }: Machine): Promise<readonly Problem[]> {
  const { catalogs } = await roots.current();
  const { skills } = await catalogs.load();
  const isNeeded = [...skills.values()].some(
    ({ manifest }) => config.sandbox === 'all' || manifest.package !== undefined || manifest.sandbox === true,
  );
  const problem = isNeeded ? await sandboxProblem(env) : undefined;
  if (problem === undefined) return [];
  const message = `The sandbox does not start here, so code that needs it does not run: ${problem}`;
  return [{ message, remedy: ERROR_CODES.sandbox_unavailable.remedy }];
}

/** Rules that settings must meet to start at all are checked by `parseConfig`. */
async function keys({ config, env, now }: Machine): Promise<readonly Problem[]> {
  await checkTokenSettings(config);
  const problems: Problem[] = [];
  for (const name of ['approvalToken', 'webhookSecret', 'notifySecret'] as const) {
    const secrets = (config[name] ?? '').split(',').filter((secret) => secret !== '');
    if (secrets.every((secret) => secret.length >= MIN_SECRET_LENGTH)) continue;
    const { variable } = SETTINGS[name];
    problems.push({
      message: `${variable} is easy to guess: expected at least ${MIN_SECRET_LENGTH} characters`,
      remedy: `${variable}=$(openssl rand -base64 32)`,
    });
  }
  const certificate = env['TEMPORAL_TLS_CLIENT_CERT_PATH'];
  if (certificate) problems.push(...(await expiryOf(certificate, now())));
  return problems;
}

async function expiryOf(file: string, now: number): Promise<readonly Problem[]> {
  const remedy = 'Replace the certificate that TEMPORAL_TLS_CLIENT_CERT_PATH names';
  try {
    const { validTo } = new X509Certificate(await readFile(file));
    if (Date.parse(validTo) > now + EXPIRY_WARNING_MS) return [];
    return [{ message: `The certificate for Temporal is valid until ${validTo}`, remedy }];
  } catch {
    return [{ message: 'The certificate for Temporal cannot be read', remedy }];
  }
}
