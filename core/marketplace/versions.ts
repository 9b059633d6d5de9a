/** Versions and ranges, as npm writes them. */
import { compare, parse, satisfies, validRange } from 'semver';

export function isVersion(text: string): boolean {
  return /^\d[\w.+-]*$/.test(text) && parse(text) !== null;
}

export function isRange(text: string): boolean {
  return validRange(rangeOf(text)) !== null;
}

/** A version before its release, such as `2.0.0-beta.1`, fits only a range that names one. */
export function fits(version: string, range: string): boolean {
  return satisfies(version, rangeOf(range));
}

/** Positive if `a` is the later version. */
export function compareVersions(a: string, b: string): number {
  return compare(a, b);
}

/** `==1.0.0` is written by older catalogues. */
function rangeOf(text: string): string {
  return text.trim().replace(/^==/, '=');
}
