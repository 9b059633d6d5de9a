/** The skill of a step for people, with the variant that the run takes, if any. */
export function stepName(skill: string, variant = ''): string {
  return variant === '' ? skill : `${skill} (variant ${variant})`;
}
