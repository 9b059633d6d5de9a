/** The manifest of a skill: the schema of its YAML, and the values that a run derives from it. */
import * as z from 'zod';
import { parseAmount } from '../values/amount.ts';
import { DURATION_RULE, durationMs } from '../values/duration.ts';
import type { JsonValue } from '../json.ts';
import { evalSchema } from './eval-section.ts';
import type { RetryPolicy, SideEffects } from '../plans/plan.ts';
import { SKILL_ID, SKILL_ID_RULE, isSkillId, parseSkillId } from '../values/skill-id.ts';

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;
/** Entrypoint of compositions, which have no code; their steps are in `compositions/<id>.json`. */
export const COMPOSED_ENTRYPOINT = 'skillos.composition:run_composed_skill';
const ENTRYPOINT = /^implementations(\.[A-Za-z0-9_][A-Za-z0-9_-]*)+:[A-Za-z_$][A-Za-z0-9_$]*$/;

/** A skill id in either form. */
export const idSchema = z
  .string()
  .refine(isSkillId, { error: `expected ${SKILL_ID_RULE}` })
  .meta({ pattern: SKILL_ID.source })
  .transform(parseSkillId);
/** Text without control characters, because it is printed to terminals and logs. */
const text = z
  .string()
  .trim()
  .min(1)
  .max(4096)
  .regex(/^(?:[\t\n]|\P{Cc})*$/u, 'expected text without control characters');
const duration = z.union([z.string(), z.number()], `expected ${DURATION_RULE}`).transform((value, ctx) => {
  const ms = durationMs(value);
  if (ms !== undefined && ms > 0) return ms;
  ctx.addIssue({ code: 'custom', message: `expected ${DURATION_RULE}` });
  return z.NEVER;
});
const cost = z
  .number()
  .min(0)
  .max(1_000_000)
  .transform((value, ctx) => {
    const amount = parseAmount(String(value));
    if (amount !== undefined) return amount;
    ctx.addIssue({ code: 'custom', message: 'expected at most 4 decimals' });
    return z.NEVER;
  });
const jsonSchema = z
  .union([z.boolean(), z.record(z.string(), z.unknown())], 'expected a JSON Schema')
  .transform((value) => value as JsonValue);

const retry = z
  .object({
    max_attempts: z.int().min(1).max(100).optional(),
    initial: duration.optional(),
    backoff: z.number().min(1).max(10).optional(),
    max_interval: duration.optional(),
    non_retryable: z.array(text).max(32).optional(),
  })
  .strict();

/** Name of a variant. */
export const VARIANT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
export const MAX_VARIANTS = 20;

const entrypoint = z
  .string()
  .refine(
    (value) => value === COMPOSED_ENTRYPOINT || ENTRYPOINT.test(value),
    'expected implementations.<domain>.<name>:<export>, dots for folders',
  );

/** Variants by name: what differs from the manifest, and the share of callers in relation to the others. */
const variants = z
  .record(
    z.string(),
    z.strictObject({
      entrypoint: entrypoint
        .refine((value) => value !== COMPOSED_ENTRYPOINT, 'expected code, got a composition')
        .optional(),
      description: text.optional(),
      weight: z.number().positive('expected a number above 0').max(1000).optional(),
    }),
  )
  .refine((all) => Object.keys(all).every((name) => VARIANT.test(name)), {
    error: 'expected names of 1 to 40 of A-Z a-z 0-9 . _ -',
  })
  .refine((all) => Object.keys(all).length >= 2 && Object.keys(all).length <= MAX_VARIANTS, {
    error: `expected 2 to ${MAX_VARIANTS} variants`,
  });

/** The fields of the YAML, with what editors show about them. Unknown keys are accepted; `validate` warns about them. */
export const manifestSchema = z
  .object({
    id: idSchema.describe('domain/name; the file is metadata/<domain>/<name>.yaml'),
    name: text.describe('Title for people'),
    description: text.describe('What the skill does; routing compares it with queries'),
    version: z
      .string()
      .regex(SEMVER, 'expected a semantic version such as 1.0.0')
      .describe('Semantic version, such as 1.0.0'),
    entrypoint: entrypoint.describe('implementations.<folder>.<file>:<export>'),
    tags: z.array(text).max(64).default([]).describe('For filters and routing'),
    deprecated: z.boolean().default(false).describe('Removes the skill from routing'),
    deprecation_reason: text.nullish(),
    replacement_id: idSchema.nullish().describe('The skill to use instead'),
    inputs: jsonSchema.optional().describe('JSON Schema of the payload'),
    outputs: jsonSchema.optional().describe('JSON Schema of the result'),
    examples: z.array(text).max(200).default([]).describe('Queries that should find this skill'),
    side_effects: z
      .enum(['none', 'read', 'write', 'destructive'])
      .default('write')
      .describe('What a run changes outside. Only none and read are retried'),
    permissions: z.array(text).max(64).default([]).describe('Permissions that a caller needs'),
    timeout: duration.optional().describe('Longest duration of one attempt, such as 30s'),
    retry: retry.optional().describe('How a failed attempt is repeated'),
    cost: cost.optional().describe('Cost of a step in the budget'),
    rollback: idSchema.optional().describe('The skill that undoes this one if a later step fails'),
    connectors: z.array(text).max(64).default([]).describe('Ids of the connectors that the code uses'),
    secrets: z.array(text).max(64).default([]),
    idempotent: z.boolean().default(false).describe('Whether repeating a call has no further effect'),
    /** True to run the code in the sandbox, as that of packages always is. */
    sandbox: z.boolean().optional(),
    concurrency: z.int().min(1).max(1000).optional(),
    /** `<id>@<version>`, written when a package of the marketplace is installed. */
    package: text.optional(),
    variants: variants.optional(),
    eval: evalSchema.optional().describe('Cases for skillos eval'),
  })
  .refine((m) => !m.deprecated || Boolean(m.deprecation_reason ?? m.replacement_id), {
    path: ['deprecated'],
    error: 'expected deprecation_reason or replacement_id together with deprecated: true',
  })
  .refine((m) => m.variants === undefined || (!isComposed(m) && m.package === undefined), {
    path: ['variants'],
    error: 'expected no variants of a composition or an installed package',
  });

/** A parsed manifest. Durations are milliseconds, `cost` is in 1/10,000. */
export type SkillManifest = z.output<typeof manifestSchema>;

export const MANIFEST_FIELDS: readonly string[] = Object.keys(manifestSchema.shape);

export function isComposed({ entrypoint }: { readonly entrypoint: string }): boolean {
  return entrypoint === COMPOSED_ENTRYPOINT;
}

const DEFAULT_TIMEOUT_MS = 60_000;

export function timeoutMsOf(manifest: SkillManifest): number {
  return manifest.timeout ?? DEFAULT_TIMEOUT_MS;
}

/** True if a second execution is safe: the skill changes nothing or is declared idempotent. */
export function isRepeatable(sideEffects: SideEffects, idempotent: boolean): boolean {
  return idempotent || sideEffects === 'none' || sideEffects === 'read';
}

/**
 * Retry policy of a step. Without `retry.max_attempts` in the manifest, a skill that is safe to repeat gets 3 attempts
 * and any other skill 1. `maxRetries` (`--max-retries`) replaces the number from the manifest.
 */
export function retryPolicyOf(manifest: SkillManifest, maxRetries?: number): RetryPolicy {
  const repeatable = isRepeatable(manifest.side_effects, manifest.idempotent);
  const declared = manifest.retry;
  return {
    maxAttempts: maxRetries === undefined ? (declared?.max_attempts ?? (repeatable ? 3 : 1)) : maxRetries + 1,
    initialMs: declared?.initial ?? 1000,
    backoff: declared?.backoff ?? 2,
    maxIntervalMs: declared?.max_interval ?? 60_000,
    nonRetryable: declared?.non_retryable ?? [],
  };
}
