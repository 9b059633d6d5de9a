/** Chooses versions that fit every range, by backtracking: the highest first, dependencies before those that need them. */
import type { SkillId } from '../values/skill-id.ts';
import type { Requirement, SkillPackage } from './package.ts';
import { fits } from './versions.ts';

/** What resolution reads of a package. */
export type Candidate = Pick<SkillPackage, 'id' | 'version' | 'dependencies'>;

interface ResolveFailure {
  readonly code: 'circular_dependency' | 'missing_dependency' | 'version_mismatch';
  readonly id: SkillId;
  readonly message: string;
}

export type Resolution<Found extends Candidate> =
  | { readonly status: 'resolved'; readonly packages: readonly Found[] }
  | ({ readonly status: 'failed' } & ResolveFailure);

interface Need extends Requirement {
  /** The package that needs it; undefined if it was asked for. */
  readonly by?: SkillId;
}

/** A hostile catalogue must not keep a command busy. */
const MAX_ATTEMPTS = 20_000;
/** Comparisons of a version with a range; one takes about two microseconds. */
const MAX_CHECKS = 500_000;
const MAX_PACKAGES = 500;

/**
 * `candidatesOf` returns all versions of an id in order of preference. Of several reasons for a failure the first is
 * reported, which is that of the preferred versions.
 */
export function resolve<Found extends Candidate>(
  goals: readonly Requirement[],
  candidatesOf: (id: SkillId) => readonly Found[],
): Resolution<Found> {
  let first: ResolveFailure | undefined;
  let attempts = 0;
  let checks = 0;
  const isFitting = (version: string, range: string) => {
    checks++;
    return fits(version, range);
  };
  const fail = (failure: ResolveFailure) => {
    first ??= failure;
    return undefined;
  };

  function solve(
    needs: readonly Need[],
    chosen: ReadonlyMap<SkillId, Found>,
  ): ReadonlyMap<SkillId, Found> | undefined {
    const at = needs.findIndex(({ id, version }) => !isFitting(chosen.get(id)?.version ?? '', version));
    const need = needs[at];
    if (need === undefined) return chosen;
    const later = needs.slice(at + 1);
    const taken = chosen.get(need.id);
    if (taken !== undefined) return fail(mismatch(need, [taken]));
    const all = candidatesOf(need.id);
    const fitting = all.filter(({ version }) => isFitting(version, need.version));
    if (fitting.length === 0) return fail(all.length === 0 ? missing(need) : mismatch(need, all));
    for (const candidate of fitting) {
      const isEnough = ++attempts > MAX_ATTEMPTS || checks > MAX_CHECKS || chosen.size === MAX_PACKAGES;
      if (isEnough) return fail(mismatch(need, all));
      const next = new Map(chosen).set(need.id, candidate);
      const added = candidate.dependencies.map((dependency) => ({ ...dependency, by: need.id }));
      const solved = closesCycle(candidate, next)
        ? fail(circular(candidate))
        : solve([...later, ...added], next);
      if (solved !== undefined) return solved;
    }
    return undefined;
  }

  const chosen = solve(goals, new Map());
  if (chosen !== undefined) return { status: 'resolved', packages: inOrder(chosen) };
  return { status: 'failed', ...(first as ResolveFailure) }; // a search that finds nothing has failed somewhere
}

/** True if the packages chosen so far lead from the new one back to it. */
function closesCycle<Found extends Candidate>(added: Found, chosen: ReadonlyMap<SkillId, Found>): boolean {
  const seen = new Set<SkillId>();
  const open = added.dependencies.map(({ id }) => id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === added.id) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(chosen.get(id)?.dependencies ?? []).map((dependency) => dependency.id));
  }
  return false;
}

/** Dependencies first; otherwise in the order of the choice. */
function inOrder<Found extends Candidate>(chosen: ReadonlyMap<SkillId, Found>): readonly Found[] {
  const ordered = new Set<Found>();
  const visit = (id: SkillId): void => {
    const found = chosen.get(id) as Found; // every dependency has been chosen
    if (ordered.has(found)) return;
    for (const dependency of found.dependencies) visit(dependency.id);
    ordered.add(found);
  };
  for (const id of chosen.keys()) visit(id);
  return [...ordered];
}

function missing({ id, version, by }: Need): ResolveFailure {
  const who = by === undefined ? '' : `, which "${by}" needs`;
  return {
    code: 'missing_dependency',
    id,
    message: `missing_dependency: ${id}: no catalogue holds ${id}@${version}${who}`,
  };
}

function mismatch({ id, version, by }: Need, all: readonly Candidate[]): ResolveFailure {
  const who = by === undefined ? 'The command' : `"${by}"`;
  const found = all.slice(0, 10).map((candidate) => candidate.version);
  return {
    code: 'version_mismatch',
    id,
    message: `version_mismatch: ${id}: ${who} needs ${version}, and the choice is ${found.join(', ')}`,
  };
}

function circular({ id, version }: Candidate): ResolveFailure {
  return {
    code: 'circular_dependency',
    id,
    message: `circular_dependency: ${id}: version ${version} depends on itself by way of others`,
  };
}
