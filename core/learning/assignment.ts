/** Which variant of a skill a run takes. */
import type { Caller } from '../rights/caller.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import { variantAt } from '../skills/variants.ts';
import { sha256 } from '../values/digest.ts';
import type { Experiment } from './experiment.ts';

/**
 * Returns undefined for a skill without variants. Once an experiment was decided, its active variant takes all runs; before,
 * each caller has one, as long as the variants and their weights stay the same.
 */
export function variantFor(
  { id, manifest: { variants } }: SkillEntry,
  caller: Pick<Caller, 'tenant'> & { readonly principal: Pick<Caller['principal'], 'subject' | 'via'> },
  experiment: Experiment | undefined,
): string | undefined {
  if (variants === undefined) return undefined;
  const decided = experiment?.decisions.length ? experiment.active : undefined;
  if (decided !== undefined && Object.hasOwn(variants, decided)) return decided;
  const { tenant, principal } = caller;
  const hash = sha256(JSON.stringify([tenant, id, principal.via, principal.subject]));
  return variantAt(variants, parseInt(hash.slice(0, 8), 16) / 2 ** 32);
}
