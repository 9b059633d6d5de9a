import { validationDocument } from '../../../core/skills/validation-document.ts';
import type { Finding } from '../../../core/skills/catalog.ts';

const ERROR: Finding = { severity: 'error', rule: 'yaml_invalid', file: 'metadata/a/b.yaml', message: 'm' };
const WARNING: Finding = { ...ERROR, severity: 'warning', line: 3 };

describe('validationDocument', () => {
  test.each([
    [[], true, 0, 0],
    [[WARNING], true, 0, 1],
    [[ERROR, WARNING], false, 1, 1],
  ])('counts errors and warnings', (findings, valid, errors, warnings) => {
    expect(validationDocument({ skills: new Map() }, findings)).toEqual({
      schema: 'skillos.validation/v1',
      valid,
      skills: 0,
      errors,
      warnings,
      items: findings,
    });
  });
});
