/** A catalogue of packages, of which single ones may be invalid. */
import type { JsonValue } from '../json.ts';
import type { Listing } from './listing.ts';
import { readPackage } from './package.ts';
import type { PackageReading, SkillPackage } from './package.ts';
import { compareVersions } from './versions.ts';

export interface Catalogue {
  /** The file, folder or address as it was named. */
  readonly source: string;
  readonly packages: readonly SkillPackage[];
  readonly refused: readonly Extract<PackageReading, { status: 'refused' }>[];
}

/** Of two packages with the same id and version neither counts. */
export function readCatalogue(source: string, entries: readonly JsonValue[]): Catalogue {
  const readings = entries.map((entry, index) => readPackage(entry, `[${index}]`));
  const read = readings.flatMap((reading) => (reading.status === 'read' ? [reading.package] : []));
  const counts = new Map<string, number>();
  for (const found of read) counts.set(nameOf(found), (counts.get(nameOf(found)) ?? 0) + 1);
  const repeated = [...counts].filter(([, count]) => count > 1);
  return {
    source,
    packages: read.filter((found) => counts.get(nameOf(found)) === 1),
    refused: [
      ...readings.flatMap((reading) => (reading.status === 'refused' ? [reading] : [])),
      ...repeated.map(([name]) => ({
        status: 'refused' as const,
        name,
        problem: 'the catalogue holds this version twice',
      })),
    ],
  };
}

export function listingOf({ packages, refused }: Catalogue): Listing {
  const newest = new Map<string, SkillPackage>();
  for (const found of packages) {
    const best = newest.get(found.id);
    if (best === undefined || compareVersions(found.version, best.version) > 0) newest.set(found.id, found);
  }
  return {
    packages: [...newest.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, version, skill: { name, description, tags } }) => ({
        id,
        version,
        name,
        description,
        tags,
      })),
    refused: refused.map(({ name, problem }) => ({ name, problem })),
  };
}

/** All versions of one id, newest first. */
export function versionsOf({ packages }: Pick<Catalogue, 'packages'>, id: string): readonly SkillPackage[] {
  return packages.filter((found) => found.id === id).sort((a, b) => compareVersions(b.version, a.version));
}

function nameOf({ id, version }: SkillPackage): string {
  return `${id}@${version}`;
}
