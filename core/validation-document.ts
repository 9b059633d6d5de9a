/** What is wrong with the skills of a root, as `--json` prints it and the API answers. */
import type { Catalog, Finding } from './catalog.ts';
import type { JsonObject } from './json.ts';

export interface ValidationDocument extends JsonObject {
  readonly schema: string;
  /** Whether no finding is an error. */
  readonly valid: boolean;
}

export function validationDocument(
  { skills }: Pick<Catalog, 'skills'>,
  findings: readonly Finding[],
): ValidationDocument {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return {
    schema: 'skillos.validation/v1',
    valid: errors === 0,
    skills: skills.size,
    errors,
    warnings: findings.length - errors,
    items: findings.map((finding) => Object.fromEntries(Object.entries(finding))),
  };
}
