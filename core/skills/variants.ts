/** Variants of a skill: other code or another description under the same id. */
import type { SkillEntry } from './catalog.ts';

/** Returns the skill with the fields of a variant. A variant that the manifest no longer has keeps its name only. */
export function withVariant(entry: SkillEntry, variant: string): SkillEntry {
  const { variants = {} } = entry.manifest;
  const { entrypoint, description } =
    (Object.hasOwn(variants, variant) ? variants[variant] : undefined) ?? {};
  return {
    ...entry,
    manifest: {
      ...entry.manifest,
      ...(entrypoint === undefined ? {} : { entrypoint }),
      ...(description === undefined ? {} : { description }),
    },
    variant,
  };
}

/** Returns the variant at `position`, 0 to 1, of all variants side by side, each as wide as its weight. */
export function variantAt(
  variants: NonNullable<SkillEntry['manifest']['variants']>,
  position: number,
): string {
  const all = Object.entries(variants).sort(([a], [b]) => (a < b ? -1 : 1));
  const total = all.reduce((sum, [, { weight = 1 }]) => sum + weight, 0);
  let end = 0;
  const found = all.find(([, { weight = 1 }]) => (end += weight / total) > position) ?? all.at(-1);
  return (found as (typeof all)[number])[0]; // there are at least two
}

/** The skill of a step for people, with the variant that the run takes, if any. */
export function skillText(skill: string, variant = ''): string {
  return variant === '' ? skill : `${skill} (variant ${variant})`;
}
