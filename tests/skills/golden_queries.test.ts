import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import golden from '../fixtures/golden_queries.json' with { type: 'json' };

const METADATA = join(import.meta.dirname, '../../skills/metadata');

function fileOf(dotted: string): string {
  return join(METADATA, `${dotted.replace('.', '/')}.yaml`);
}

const skills = [...new Set(golden.flatMap((item) => item.expected_skill_id ?? []))];

describe('the golden queries', () => {
  test('are at least sixty, ten of them out of scope, each once', () => {
    expect(golden.length).toBeGreaterThanOrEqual(60);
    expect(golden.filter((item) => item.expected_skill_id === null).length).toBeGreaterThanOrEqual(10);
    expect(new Set(golden.map(({ id }) => id)).size).toBe(golden.length);
    expect(new Set(golden.map(({ query }) => query.toLowerCase())).size).toBe(golden.length);
  });

  test.each(skills)('%s stands in the sample root and has none of its examples among them', (skill) => {
    expect(existsSync(fileOf(skill))).toBe(true);
    const manifest = readFileSync(fileOf(skill), 'utf8').toLowerCase();
    const copied = golden.filter((item) => manifest.includes(`- ${item.query.toLowerCase()}\n`));
    expect(copied).toEqual([]);
  });
});
