/** Under what a step is scheduled: a caller who has the manifest can say it before anything is decided. */
import { approvalFor } from './approval-policy.ts';
import type { SkillEntry } from './catalog.ts';
import { canonicalJson } from './digest.ts';
import type { JsonValue } from './json.ts';
import type { Terms } from './plan.ts';
import { isRepeatable, retryPolicyOf, timeoutMsOf } from './skill.ts';
import type { SkillManifest } from './skill.ts';

/** `maxRetries` as in `retryPolicyOf`. */
export function termsOf(manifest: SkillManifest, maxRetries?: number): Terms {
  return {
    name: manifest.name,
    timeoutMs: timeoutMsOf(manifest),
    retry: retryPolicyOf(manifest, maxRetries),
    repeatable: isRepeatable(manifest.side_effects, manifest.idempotent),
  };
}

/**
 * Whether nothing that a skill and its payload tell by themselves keeps a run of it waiting. What files, budgets and
 * circuits say is looked at where it is decided: in the worker.
 */
export function seemsFree(entry: SkillEntry, payload: JsonValue): boolean {
  if (entry.composition !== undefined || entry.manifest.permissions.length > 0) return false;
  const file = { status: 'absent' } as const;
  return (
    approvalFor({ entries: [entry], payload, file, production: false, hasToken: false }).kind === 'allow'
  );
}

/** Whether they are the same; what else the two hold does not count. */
export function hasTerms(step: Terms, terms: Terms): boolean {
  return textOf(step) === textOf(terms);
}

function textOf({ name, timeoutMs, retry, repeatable }: Terms): string {
  return canonicalJson({ name, timeoutMs, retry, repeatable } as unknown as JsonValue); // plain JSON by its type
}
