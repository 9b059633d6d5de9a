/** Reports changes of skills while the local engine runs. Polls the catalog's fingerprint, which sees exactly the files that loading reads; file watchers differ by system. */
import type { Catalog, Finding } from '../core/skills/catalog.ts';
import type { Catalogs } from '../core/skills/catalog.ts';

const POLL_INTERVAL_MS = 1_000;

/** Reports one line per changed skill and per new finding. Resolves to a function that stops watching. */
export async function watchCatalog(
  catalogs: Pick<Catalogs, 'load' | 'fingerprint'>,
  onLine: (line: string) => void,
): Promise<() => void> {
  let known = await catalogs.load();
  for (const finding of known.findings) onLine(lineOf(finding));
  const check = async () => {
    if ((await catalogs.fingerprint()) !== known.version) {
      const current = await catalogs.load();
      for (const line of changesBetween(known, current)) onLine(line);
      known = current;
    }
  };
  let timer = setTimeout(poll, POLL_INTERVAL_MS);
  function poll(): void {
    check()
      .catch(() => undefined) // the root may be unreadable for a moment; the next poll tries again
      .finally(() => {
        timer = setTimeout(poll, POLL_INTERVAL_MS);
      });
  }
  return () => clearTimeout(timer);
}

/** Returns one line per added, removed or changed skill and per new finding. */
export function changesBetween(before: Catalog, after: Catalog): readonly string[] {
  const ids = [...new Set([...before.skills.keys(), ...after.skills.keys()])].sort();
  const skills = ids.flatMap((id) => {
    const [old, now] = [before.skills.get(id), after.skills.get(id)];
    if (old === undefined) return [`added: ${id}`];
    if (now === undefined) return [`removed: ${id}`];
    return JSON.stringify(old.manifest) === JSON.stringify(now.manifest) ? [] : [`changed: ${id}`];
  });
  const known = new Set(before.findings.map(lineOf));
  return [...skills, ...after.findings.map(lineOf).filter((line) => !known.has(line))];
}

function lineOf({ severity, file, line, field, message }: Finding): string {
  const place = [file, line, field].filter((part) => part !== undefined).join(':');
  return `${severity}: ${place}: ${message}`;
}
