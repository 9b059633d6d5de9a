/** A skill as JSON document. */
import { inUnits } from '../values/amount.ts';
import type { SkillEntry } from './catalog.ts';
import { isActive } from './composition.ts';
import type { JsonObject } from '../json.ts';
import { retryPolicyOf, timeoutMsOf } from './manifest.ts';

/** A skill in a list. */
export function skillItem({ id, manifest, composition }: SkillEntry): JsonObject {
  const { name, description, version, tags, deprecated } = manifest;
  const more = composition === undefined ? {} : { active: isActive(composition) };
  return { id, name, description, version, tags, deprecated, ...more };
}

/** The manifest with defaults; empty lists, absent fields and the cases of `eval` are omitted. */
export function skillFields({ manifest, file, composition }: SkillEntry): JsonObject {
  const { timeout: _timeout, retry: _retry, eval: _eval, cost, ...rest } = manifest;
  const retry = retryPolicyOf(manifest);
  const fields = {
    ...rest,
    ...(composition === undefined ? {} : { steps: composition.steps, active: isActive(composition) }),
    cost: cost === undefined ? cost : inUnits(cost),
    timeout_ms: timeoutMsOf(manifest),
    retry: {
      max_attempts: retry.maxAttempts,
      initial_ms: retry.initialMs,
      backoff: retry.backoff,
      max_interval_ms: retry.maxIntervalMs,
      non_retryable: retry.nonRetryable,
    },
    file,
  };
  return Object.fromEntries(Object.entries(fields).filter(isSaid)) as JsonObject; // undefined values were filtered out
}

function isSaid([, value]: [string, unknown]): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}
