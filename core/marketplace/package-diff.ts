/** The differences between two versions of a package, for people to read before they accept them. */
import { createTwoFilesPatch } from 'diff';
import type { JsonObject } from '../json.ts';
import { canonicalJson } from '../values/digest.ts';
import { prettyJson } from '../values/json-text.ts';
import { capabilitiesAdded, capabilityLines } from './install-plan.ts';
import type { SkillPackage } from './package.ts';
import { manifestPath } from './package-paths.ts';

/** Capabilities first, then each file that differs as a unified diff. */
export function packageDiff(from: SkillPackage, to: SkillPackage): readonly string[] {
  const before = textsOf(from);
  const after = textsOf(to);
  const files = [...new Set([...before.keys(), ...after.keys()])].sort();
  return [
    ...capabilityLines(capabilitiesAdded(from, to)).map((line) => `+ ${line}`),
    ...capabilityLines(capabilitiesAdded(to, from)).map((line) => `- ${line}`),
    ...files.flatMap((file) => fileDiff(file, before.get(file), after.get(file))),
  ];
}

function textsOf({ id, manifest, files }: SkillPackage): ReadonlyMap<string, string> {
  return new Map([
    [manifestPath(id), `${prettyJson(JSON.parse(canonicalJson(manifest)) as JsonObject)}\n`] as const,
    ...files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes())] as const),
  ]);
}

function fileDiff(file: string, before = '', after = ''): readonly string[] {
  if (before === after) return [];
  const patch = createTwoFilesPatch(file, file, before, after, 'installed', 'catalogue');
  return patch.split('\n').slice(2, -1);
}
