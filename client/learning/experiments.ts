/** Adds results to the experiment of a skill, decides on it, and shows it. Needs no Temporal. */
import { SkillosError } from '../../core/errors/errors.ts';
import { decide } from '../../core/learning/decide.ts';
import type { Rules, Verdict } from '../../core/learning/decide.ts';
import type { Summary } from '../../core/learning/experiment-document.ts';
import {
  EXPERIMENTS,
  experimentKey,
  experimentLog,
  parseResult,
  readVariantResult,
  sumResults,
  withDecision,
  withVariants,
} from '../../core/learning/experiment.ts';
import type { Experiment, VariantResult, VariantResults } from '../../core/learning/experiment.ts';
import type { EditManifest, SkillEntry } from '../../core/skills/catalog.ts';
import { withVariant } from '../../core/skills/variants.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import { showSkill } from '../skills/skills.ts';

type ExperimentPorts = Pick<ClientPorts, 'catalogs' | 'records' | 'journal' | 'now'>;

export interface OptimizePorts extends ExperimentPorts {
  readonly editManifest: EditManifest;
  /** Rejects with `entrypoint_invalid` or `code_invalid` if the code of a skill cannot run. */
  readonly checkCode: (entry: SkillEntry) => Promise<unknown>;
}

interface Optimization {
  readonly skill: SkillId;
  /** Empty for those of the manifest. */
  readonly variants: readonly string[];
  /** Default: the first variant. */
  readonly baseline?: string | undefined;
  /** Texts as `parseResult` reads them. */
  readonly results: readonly string[];
  readonly rules: Rules;
  /** Makes the promoted variant the manifest's only one. */
  readonly apply: boolean;
}

export type Optimized = Summary & { readonly verdict: Verdict; readonly isApplied: boolean };

/**
 * Durable when it resolves. Rejects with `permission_denied`, `unknown_skill` or `experiment_invalid`, or as `checkCode` does
 * for a variant; nothing is written then.
 */
export async function optimize(
  ports: OptimizePorts,
  actor: Actor,
  { skill, variants: names, baseline, results: texts, rules, apply }: Optimization,
): Promise<Optimized> {
  const { rights } = actor;
  await authorize(ports, actor, { operation: 'skills:write', skill });
  const entry = await showSkill(ports.catalogs, rights, skill);
  const variants = variantsOf(entry, names);
  if (apply) demandVariants(entry);
  const key = experimentKey(rights.tenant, skill);
  const known = await ports.records.get<Experiment>(EXPERIMENTS, key);
  const named = { variants, baseline };
  withVariants(known, named); // refuses before anything is written
  const at = new Date(ports.now()).toISOString();
  const given = texts.map((text): VariantResult => ({ ...parseResult(text, variants), at }));
  await demandCode(
    ports,
    entry,
    variants.filter((name) => name !== known?.active), // that one can only be left
  );
  if (given.length > 0) await ports.journal.append(experimentLog(rights.tenant, skill), given);
  const results = await readResults(ports, rights.tenant, skill);
  const { subject, via } = rights.principal;
  let decided: { readonly verdict: Verdict; readonly experiment: Experiment } | undefined;
  await ports.records.update<Experiment>(EXPERIMENTS, key, (current) => {
    const experiment = withVariants(current, named);
    const verdict = decide(experiment, { results, isRepeated: current !== undefined }, rules);
    const next =
      verdict.action === 'no_action'
        ? experiment
        : withDecision(experiment, { at, by: { subject, via }, ...verdict });
    decided = { verdict, experiment: next };
    return next;
  });
  const { verdict, experiment } = decided as NonNullable<typeof decided>; // `update` has called its function
  await auditDecision(ports, actor, { skill, given: given.length, verdict });
  const isApplied = apply && (await applyActive(ports, actor, { entry, experiment }));
  return { skill, experiment, results, verdict, isApplied };
}

/** Returns the named variants, by default those of the manifest. Throws `experiment_invalid` if it lacks a named one. */
function variantsOf({ id, manifest }: SkillEntry, names: readonly string[]): readonly string[] {
  if (manifest.variants === undefined) return names;
  const declared = Object.keys(manifest.variants);
  const unknown = names.find((name) => !declared.includes(name));
  if (unknown === undefined) return names.length === 0 ? declared : names;
  throw new SkillosError(
    'experiment_invalid',
    `Unknown variant ${JSON.stringify(unknown.slice(0, 80))} of skill "${id}": expected one of ${declared.join(', ')}`,
  );
}

/** A variant that is promoted takes all runs, so that its code must be there. */
async function demandCode(
  { checkCode }: OptimizePorts,
  entry: SkillEntry,
  variants: readonly string[],
): Promise<void> {
  const { variants: declared = {} } = entry.manifest;
  for (const name of variants) {
    if (declared[name]?.entrypoint !== undefined) await checkCode(withVariant(entry, name));
  }
}

function demandVariants({ id, file, manifest }: SkillEntry): void {
  if (manifest.variants !== undefined) return;
  throw new SkillosError('experiment_invalid', `Skill "${id}" has no variants in ${file} to apply`);
}

/**
 * Gives the manifest the code and description of a promoted variant, and removes its variants; false if none of its variants
 * is promoted, also if it has others than those of an earlier promotion.
 */
async function applyActive(
  ports: OptimizePorts,
  actor: Actor,
  { entry, experiment }: { readonly entry: SkillEntry; readonly experiment: Experiment },
): Promise<boolean> {
  const { active, previous } = experiment;
  if (previous === undefined || !Object.hasOwn(entry.manifest.variants ?? {}, active)) return false;
  await demandCode(ports, entry, [active]);
  const { entrypoint, description } = withVariant(entry, active).manifest;
  await ports.editManifest(entry, { entrypoint, description, variants: undefined });
  await recordAudit(ports, actor, {
    action: 'experiment_applied',
    skill: entry.id,
    before: { entrypoint: entry.manifest.entrypoint },
    after: { entrypoint, variant: active },
  });
  return true;
}

/** Rejects with `permission_denied`, `unknown_skill` or `unknown_experiment`. */
export async function showExperiment(ports: ExperimentPorts, actor: Actor, skill: SkillId): Promise<Summary> {
  const { tenant } = actor.rights;
  await authorize(ports, actor, { operation: 'runs:read', skill });
  const { manifest } = await showSkill(ports.catalogs, actor.rights, skill);
  const known = await ports.records.get<Experiment>(EXPERIMENTS, experimentKey(tenant, skill));
  const declared = Object.keys(manifest.variants ?? {});
  const experiment =
    known ?? (declared.length === 0 ? undefined : withVariants(undefined, { variants: declared }));
  if (experiment === undefined) {
    throw new SkillosError('unknown_experiment', `Skill "${skill}" has no experiment`, {
      hint: `skillos optimize ${skill} --variant v1 --variant v2`,
    });
  }
  return { skill, experiment, results: await readResults(ports, tenant, skill) };
}

async function readResults(
  { journal }: Pick<ExperimentPorts, 'journal'>,
  tenant: string,
  skill: SkillId,
): Promise<ReadonlyMap<string, VariantResults>> {
  const lines: VariantResult[] = [];
  for (let after = 0; ;) {
    const { entries, next } = await journal.read(experimentLog(tenant, skill), after, () => undefined);
    if (next === after) return sumResults(lines);
    lines.push(...entries.flatMap((entry) => readVariantResult(entry) ?? []));
    after = next;
  }
}

interface Audited {
  readonly skill: SkillId;
  /** Number of results that the caller gave. */
  readonly given: number;
  readonly verdict: Verdict;
}

async function auditDecision(
  ports: ExperimentPorts,
  actor: Actor,
  { skill, given, verdict }: Audited,
): Promise<void> {
  if (given > 0) {
    await recordAudit(ports, actor, { action: 'experiment_results_added', skill, after: { results: given } });
  }
  if (verdict.action === 'no_action') return;
  const { action, reason, from, to, probability } = verdict;
  await recordAudit(ports, actor, {
    action: action === 'promote' ? 'experiment_promoted' : 'experiment_rolled_back',
    skill,
    reason,
    before: { variant: from },
    after: { variant: to, probability },
  });
}
