/** Where a process reads what the skills root defines: in the folder itself, or in the active deployment. */
import { resolve } from 'node:path';
import { LRUCache } from 'lru-cache';
import { readActive } from '../../core/deployments/active.ts';
import { isSkillosError, SkillosError } from '../../core/errors/errors.ts';
import type { Policies } from '../../core/preparing/policies.ts';
import { usesDeployments } from '../../core/settings/config.ts';
import type { Config } from '../../core/settings/config.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import type { Blobs } from '../../core/storage/blobs.ts';
import type { Records } from '../../core/storage/records.ts';
import { lazyCatalog } from '../catalog/lazy-catalog.ts';
import { openPolicies, policiesOf } from '../preparing/policies.ts';
import { deploymentFolder } from '../storage/state.ts';
import { openContents } from './contents.ts';
import { isUnpacked, readIndex, unpack } from './unpacked.ts';

/** One state of a skills root. Readers of its files are opened once for each. */
export interface PresentRoot {
  /** Real folder with manifests, compositions, connectors, policies and triggers; without secrets and state. */
  readonly folder: string;
  readonly catalogs: Catalogs;
  readonly policies: Policies;
  /** Absent for a folder that people edit. */
  readonly deployment?: {
    readonly id: string;
    /** Content hashes of bundles by `codeName`. */
    readonly code: ReadonlyMap<string, string>;
  };
}

export interface PresentRoots {
  /** What counts for a new run. Rejects with `nothing_deployed`. */
  current(): Promise<PresentRoot>;
  /** What counted for a run: the deployment with this id; without one, what counts now. */
  of(deployment: string | undefined): Promise<PresentRoot>;
}

type RootConfig = Pick<Config, 'root' | 'deployments' | 'production' | 'storageBackend'>;

/** Age at which the record of the active deployment is read again. */
const CHECK_EVERY_MS = 1000;
/** Deployments whose files and catalogs one process keeps open. */
const MAX_OPEN = 5;

export function openPresentRoots(
  config: RootConfig,
  storage: { readonly records: Records; readonly blobs: Blobs },
): PresentRoots {
  const deployed = openDeployedRoots(resolve(config.root), storage);
  if (usesDeployments(config)) return deployed;
  const folder = ownFolder(config.root);
  return {
    current: async () => folder,
    of: async (deployment) => (deployment === undefined ? folder : deployed.of(deployment)),
  };
}

function ownFolder(root: string): PresentRoot {
  const folder = resolve(root);
  return { folder, catalogs: lazyCatalog(root), policies: openPolicies(folder) };
}

function openDeployedRoots(
  root: string,
  { records, blobs }: { readonly records: Records; readonly blobs: Blobs },
): PresentRoots {
  const place = { folder: deploymentFolder(root), contents: openContents(blobs) };
  /** `fetch` gives callers of one id the same promise, also while the files are written. */
  const opened: LRUCache<string, PresentRoot> = new LRUCache({
    max: MAX_OPEN,
    ignoreFetchAbort: true, // callers still need what others have displaced
    fetchMethod: async (id) => deployedRoot(await unpack(place, id, inUse), id),
  });
  let active: { readonly atMs: number; readonly id: Promise<string> } | undefined;

  const open = (id: string) => opened.forceFetch(id, { forceRefresh: !isUnpacked(place.folder, id) });
  const inUse = async () => [...opened.keys(), await activeId()];

  function activeId(): Promise<string> {
    const now = performance.now();
    if (active === undefined || now - active.atMs > CHECK_EVERY_MS) {
      const reading = { atMs: now, id: readActiveId(records) };
      reading.id.catch(() => active === reading && (active = undefined));
      active = reading;
    }
    return active.id;
  }

  return {
    current: async () => open(await activeId()),
    of: async (id) => open(id ?? (await activeId())),
  };
}

async function readActiveId(records: Records): Promise<string> {
  const active = await readActive(records);
  if (active !== undefined) return active.id;
  throw new SkillosError('nothing_deployed', 'Nothing has been deployed yet, so there are no skills to run');
}

/**
 * The files of a deployment never change, so they are listed once, and every host gives the same version. Policies are kept
 * in memory: a file that is missing because the folder was removed must not count as absent.
 */
async function deployedRoot(folder: string, id: string): Promise<PresentRoot> {
  const files = lazyCatalog(folder);
  const { code, policies } = await readIndex(folder);
  let loading: ReturnType<Catalogs['load']> | undefined;
  return {
    folder,
    catalogs: {
      load() {
        loading ??= files.load().then((catalog) => ({ ...catalog, version: id }));
        loading.catch(() => (loading = undefined));
        return loading;
      },
      fingerprint: () => Promise.resolve(id),
      find: async (skill) => (loading === undefined ? files.find(skill) : (await loading).skills.get(skill)),
    },
    policies: policiesOf((name) => policies[name]),
    deployment: { id, code: new Map(Object.entries(code)) },
  };
}

/** Returns a function that gives what `open` makes of a root, made once for each. */
export function oncePerRoot<Opened>(open: (root: PresentRoot) => Opened): (root: PresentRoot) => Opened {
  const opened = new WeakMap<PresentRoot, { readonly value: Opened }>();
  return (root) => {
    const known = opened.get(root) ?? { value: open(root) };
    opened.set(root, known);
    return known.value;
  };
}

/** Returns a function that resolves to what `open` makes of the present root, made once for each. */
export function following<Opened>(
  roots: Pick<PresentRoots, 'current'>,
  open: (root: PresentRoot) => Opened,
): () => Promise<Opened> {
  const opened = oncePerRoot(open);
  return async () => opened(await roots.current());
}

export function presentCatalogs(roots: PresentRoots): Catalogs {
  const present = async () => (await roots.current()).catalogs;
  return {
    load: async () => (await present()).load(),
    fingerprint: async () => (await present()).fingerprint(),
    find: async (id) => (await present()).find(id),
  };
}

/** Until the first deployment the folder `root` counts, so that somebody can make it. */
export function presentOrFolder(roots: PresentRoots, root: string): () => Promise<PresentRoot> {
  const folder = ownFolder(root);
  return async () => {
    try {
      return await roots.current();
    } catch (error) {
      if (isSkillosError(error, 'nothing_deployed')) return folder;
      throw error;
    }
  };
}

/** The policies of what `presentOrFolder` gives. */
export function presentPolicies(roots: PresentRoots, root: string): Policies {
  const present = presentOrFolder(roots, root);
  return {
    permissions: async () => (await present()).policies.permissions(),
    approvals: async () => (await present()).policies.approvals(),
    version: async () => (await present()).policies.version(),
  };
}
