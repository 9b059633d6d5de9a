/** Reads a skills root for a deployment: its files, checked as they will be deployed, and the hashes of its code. */
import type { Buffer } from 'node:buffer';
import { isUtf8 } from 'node:buffer';
import { readFile, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { APPROVAL_FILE } from '../../core/approvals/approval-file.ts';
import { codeName } from '../../core/deployments/content.ts';
import type { DeploymentContent } from '../../core/deployments/content.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { KEYRING_FILE } from '../../core/marketplace/keyring.ts';
import { LOCK_FILE } from '../../core/marketplace/package-lock.ts';
import type { PackageLock } from '../../core/marketplace/package-lock.ts';
import { PERMISSION_FILE } from '../../core/rights/permission-file.ts';
import type { SkillCode } from '../../core/runs/skill-host.ts';
import type { Catalog, Finding } from '../../core/skills/catalog.ts';
import { TRIGGER_FILE } from '../../core/webhooks/trigger-file.ts';
import { reviewCatalog } from '../catalog/catalog-review.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { listConnectorFiles, listDefinitions } from '../catalog/manifest-files.ts';
import { realpathBelow, safeJoin } from '../files/files.ts';
import { readTextFile } from '../files/text-file.ts';
import { MAX_LOCK_BYTES, documentPath, lockOf } from '../marketplace/package-files.ts';
import { freezeEntrypoints } from '../skill-code/check-entrypoints.ts';
import { deploymentFolder } from '../storage/state.ts';
import { tempFolder, writeContent } from './unpacked.ts';

export interface FrozenRoot {
  readonly content: DeploymentContent;
  /** All of `validate`, also about triggers; an error forbids the deployment. */
  readonly findings: readonly Finding[];
  /** Number of skills, compositions included. */
  readonly skills: number;
}

interface Source {
  /** Freezes code of the root. */
  readonly code: SkillCode;
  /** Receives lines about the progress. */
  readonly note: (line: string) => void;
}

const SINGLE_FILES = [PERMISSION_FILE, APPROVAL_FILE, TRIGGER_FILE, LOCK_FILE, KEYRING_FILE];
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Changes nothing but the cache of bundles. Rejects with `lock_invalid`, and with `deployment_refused` for more than
 * 64 MiB, or if the root changes meanwhile.
 */
export async function freezeRoot(root: string, { code, note }: Source): Promise<FrozenRoot> {
  const base = await realpath(root);
  const lock = lockOf(readTextFile(path.join(base, LOCK_FILE), MAX_LOCK_BYTES));
  const { files, refused } = await readFiles(base, lock);
  const hashes = new Map<string, string>();
  // The files are checked as they will be deployed; code is compiled in the root, which must not change meanwhile.
  const copy = tempFolder(deploymentFolder(base));
  try {
    await writeContent(copy, { format: 1, files, code: {} });
    const catalog = await openCatalog(copy).load();
    const found = [
      ...refused,
      ...(await freezeEntrypoints(catalog, collecting(code, hashes), note)),
      ...reviewLock(lock, catalog),
    ];
    const later = new Map<string, string>();
    await freezeEntrypoints(catalog, collecting(code, later)); // builds only what has changed
    const { files: laterFiles } = await readFiles(base, lock);
    if (!isDeepStrictEqual([files, hashes], [laterFiles, later])) throw changedMeanwhile();
    return {
      content: { format: 1, files, code: Object.fromEntries(hashes) },
      findings: await reviewCatalog(copy, catalog, found),
      skills: catalog.skills.size,
    };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Keeps the content hashes by `codeName`. */
function collecting(code: SkillCode, hashes: Map<string, string>): SkillCode {
  return {
    async freeze(entry) {
      const hash = await code.freeze(entry);
      hashes.set(codeName(entry), hash);
      return hash;
    },
  };
}

type Files = DeploymentContent['files'];

async function readFiles(
  base: string,
  lock: PackageLock,
): Promise<{ readonly files: Files; readonly refused: readonly Finding[] }> {
  const listed = [...listDefinitions(base), ...listConnectorFiles(base).files];
  const refused = listed.flatMap(({ file, refusal }) =>
    refusal === undefined ? [] : [{ severity: 'error' as const, file, ...refusal }],
  );
  const names = [
    ...listed.filter(({ refusal }) => refusal === undefined).map(({ file }) => file),
    ...SINGLE_FILES,
    ...packageFiles(lock),
  ];
  const files = new Map<string, Files[string]>();
  let size = 0;
  for (const name of new Set(names)) {
    const bytes = await readBelow(base, name);
    if (bytes === undefined) continue;
    size += bytes.byteLength;
    if (size > MAX_BYTES) throw tooLarge();
    files.set(name, isUtf8(bytes) ? bytes.toString('utf8') : { base64: bytes.toString('base64') });
  }
  return { files: Object.fromEntries(files), refused };
}

/** Hosts verify packages again, by their own settings, so they need what was signed. */
function packageFiles(lock: PackageLock): readonly string[] {
  return [...lock].flatMap(([id, { files }]) => Object.keys(files).concat(documentPath(id)));
}

/** Resolves to undefined for a missing file. Rejects with `path_outside_root` for a link that leaves the root. */
async function readBelow(base: string, name: string): Promise<Buffer | undefined> {
  const file = await realpathBelow(base, safeJoin(base, name));
  const info = await stat(file).catch(() => undefined);
  if (info?.isFile() !== true) return undefined;
  if (info.size > MAX_BYTES) throw tooLarge();
  return readFile(file);
}

/** Files of a package are deployed because its skill was verified, so that there must be one. */
function reviewLock(lock: PackageLock, { skills }: Catalog): readonly Finding[] {
  const unverified = [...lock.keys()].filter((id) => {
    const entry = skills.get(id);
    return entry === undefined || entry.composition !== undefined;
  });
  return unverified.map((id) => ({
    severity: 'error',
    rule: 'package_tampered',
    file: LOCK_FILE,
    skill: id,
    message: `Package "${id}" is in "${LOCK_FILE}", and the root has no skill of it`,
  }));
}

function changedMeanwhile(): SkillosError {
  return new SkillosError(
    'deployment_refused',
    'The skills root was changed while it was read; nothing was deployed',
    { hint: 'Repeat the command when nobody changes the root: skillos deploy' },
  );
}

function tooLarge(): SkillosError {
  return new SkillosError(
    'deployment_refused',
    `The files of the skills root, without code, are larger than ${MAX_BYTES / 1024 / 1024} MiB`,
  );
}
