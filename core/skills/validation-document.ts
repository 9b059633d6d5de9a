/** The findings about a root as JSON document. */
import type { Catalog, Finding } from './catalog.ts';
import type { JsonObject } from '../json.ts';

export interface ValidationDocument extends JsonObject {
  readonly schema: string;
  /** True if no finding is an error. */
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
