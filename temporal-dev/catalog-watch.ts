/** Says what changed in a skills root while someone edits it. */
import type { Catalog, Finding } from '../core/catalog.ts';
import type { Catalogs } from '../core/ports.ts';

const LOOK_EVERY_MS = 1_000;

/** One line for each skill that changed and each finding that is new; returns how to stop looking. */
export async function watchCatalog(catalogs: Catalogs, onLine: (line: string) => void): Promise<() => void> {
  let known = await catalogs.load();
  for (const finding of known.findings) onLine(lineOf(finding));
  const look = async () => {
    if ((await catalogs.fingerprint()) !== known.version) {
      const current = await catalogs.load();
      for (const line of changesBetween(known, current)) onLine(line);
      known = current;
    }
  };
  let timer = setTimeout(again, LOOK_EVERY_MS);
  function again(): void {
    look()
      .catch(() => undefined) // the root is away for a moment; the next look finds it or does not
      .finally(() => {
        timer = setTimeout(again, LOOK_EVERY_MS);
      });
  }
  return () => clearTimeout(timer);
}

export function changesBetween(before: Catalog, after: Catalog): readonly string[] {
  const ids = [...new Set([...before.skills.keys(), ...after.skills.keys()])].sort();
  const skills = ids.flatMap((id) => {
    const [old, now] = [before.skills.get(id), after.skills.get(id)];
    if (old === undefined) return [`added: ${id}`];
    if (now === undefined) return [`removed: ${id}`];
    return JSON.stringify(old.manifest) === JSON.stringify(now.manifest) ? [] : [`changed: ${id}`];
  });
  const told = new Set(before.findings.map(lineOf));
  return [...skills, ...after.findings.map(lineOf).filter((line) => !told.has(line))];
}

function lineOf({ severity, file, line, field, message }: Finding): string {
  const place = [file, line, field].filter((part) => part !== undefined).join(':');
  return `${severity}: ${place}: ${message}`;
}
