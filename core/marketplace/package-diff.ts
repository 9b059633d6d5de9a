/** The differences between two versions of a package, for people to read before they accept them. */
import { createTwoFilesPatch } from 'diff';
import type { JsonObject } from '../json.ts';
import { canonicalJson, sha256 } from '../values/digest.ts';
import { prettyJson } from '../values/json-text.ts';
import { capabilitiesAdded, capabilityLines } from './install-plan.ts';
import type { SkillPackage } from './package.ts';
import { manifestPath } from './package-paths.ts';

/** Capabilities first, then each file that differs as a unified diff. */
export function packageDiff(from: SkillPackage, to: SkillPackage): readonly string[] {
  const before = contentsOf(from);
  const after = contentsOf(to);
  const files = [...new Set([...before.keys(), ...after.keys()])].sort();
  return [
    ...capabilityLines(capabilitiesAdded(from, to)).map((line) => `+ ${line}`),
    ...capabilityLines(capabilitiesAdded(to, from)).map((line) => `- ${line}`),
    ...files.flatMap((file) => fileDiff(file, before.get(file), after.get(file))),
  ];
}

interface Content {
  readonly text: string;
  /** Different bytes may decode to the same text. */
  readonly hash: string;
}

function contentsOf({ id, manifest, files }: SkillPackage): ReadonlyMap<string, Content> {
  const fields = `${prettyJson(JSON.parse(canonicalJson(manifest)) as JsonObject)}\n`;
  return new Map([
    [manifestPath(id), { text: fields, hash: sha256(fields) }] as const,
    ...files.map(
      ({ path, bytes }) =>
        [path, { text: new TextDecoder().decode(bytes()), hash: sha256(bytes()) }] as const,
    ),
  ]);
}

/** The time of a comparison grows with the square of the differences: beyond this many lines a file counts as replaced. */
const MAX_EDITED_LINES = 1_000;

function fileDiff(file: string, from?: Content, to?: Content): readonly string[] {
  if (from?.hash === to?.hash) return [];
  const [before, after] = [from?.text ?? '', to?.text ?? ''];
  if (before === after) return [`${file}: bytes differ that are no text`];
  const options = { maxEditLength: MAX_EDITED_LINES };
  const patch = createTwoFilesPatch(file, file, before, after, 'installed', 'catalogue', options);
  return patch?.split('\n').slice(2, -1) ?? replacement(file, before, after);
}

function replacement(file: string, before: string, after: string): readonly string[] {
  const all = (sign: string, text: string) => text.split('\n').map((line) => `${sign}${line}`);
  return [`${file}: too many differences to compare`, ...all('-', before), ...all('+', after)];
}
