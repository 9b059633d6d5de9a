/** Manifests that a list leaves out because they do not load. */

/** Their number as a field of a JSON document; none if all load. */
export function unreadableOf(count: number): { readonly unreadable?: number } {
  return count === 0 ? {} : { unreadable: count };
}

export function warnOfUnreadable(command: { note(line: string): void }, count: number): void {
  if (count === 0) return;
  const what = count === 1 ? '1 manifest does' : `${count} manifests do`;
  command.note(`warning: ${what} not load; the reasons: skillos validate`);
}
