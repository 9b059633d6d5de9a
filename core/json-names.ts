/** What JSON.parse passes over in silence: a name that stands twice in one object, of which it keeps the last. */

const NAME_OR_BRACKET = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g;

/** The first such name of a valid JSON text, or `__proto__`, which no object of ours may hold. */
export function refusedName(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, text, isName] of json.matchAll(NAME_OR_BRACKET)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    if (text === undefined || isName === undefined) continue;
    const name = JSON.parse(text) as string;
    const names = open.at(-1) as Set<string>; // a name stands in an object
    if (names.has(name) || name === '__proto__') return name;
    names.add(name);
  }
  return undefined;
}
