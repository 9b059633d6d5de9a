/** The terms by which a step is scheduled. They come from the manifest alone, so a caller knows them before `prepare`. */
import { approvalFor } from '../approvals/approval-policy.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import { jobRetryPolicy } from '../jobs/job-retry.ts';
import { canonicalJson } from '../values/digest.ts';
import type { JsonValue } from '../json.ts';
import type { Terms } from '../plans/plan.ts';
import { isRepeatable, retryPolicyOf, timeoutMsOf } from '../skills/manifest.ts';
import type { Caller } from '../rights/caller.ts';
import type { SkillManifest } from '../skills/manifest.ts';

/** `maxRetries` as in `retryPolicyOf`; steps of a job pause between attempts as `jobRetryPolicy` says. */
export function termsOf(
  manifest: SkillManifest,
  { maxRetries, job }: { readonly maxRetries?: number | undefined; readonly job?: object | undefined } = {},
): Terms {
  const retry = retryPolicyOf(manifest, maxRetries);
  return {
    name: manifest.name,
    timeoutMs: timeoutMsOf(manifest),
    retry: job === undefined ? retry : jobRetryPolicy(retry),
    repeatable: isRepeatable(manifest.side_effects, manifest.idempotent),
    ...(manifest.concurrency === undefined ? {} : { concurrency: manifest.concurrency }),
  };
}

/** Without policies nothing depends on the caller. */
const NOBODY: Caller = { principal: { subject: '', roles: [], via: 'local' }, tenant: '' };

/**
 * True if neither the skill nor its payload requires a permission or an approval by itself. Policies, budgets and circuits
 * are decided in the worker.
 */
export function seemsUnrestricted(entry: SkillEntry, payload: JsonValue): boolean {
  if (entry.composition !== undefined || entry.manifest.permissions.length > 0) return false;
  const verdict = approvalFor({
    entries: [entry],
    payload,
    inputs: new Map(),
    caller: NOBODY,
    file: { status: 'absent' },
    production: false,
    hasToken: false,
  });
  return verdict.kind === 'allow';
}

/** True if the step has these terms; its other fields are ignored. */
export function hasTerms(step: Terms, terms: Terms): boolean {
  return textOf(step) === textOf(terms);
}

function textOf({ name, timeoutMs, retry, repeatable, concurrency }: Terms): string {
  return canonicalJson({ name, timeoutMs, retry, repeatable, concurrency } as unknown as JsonValue); // plain JSON, although its interfaces have no index signature
}
