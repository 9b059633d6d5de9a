/** Text from files and the environment, made safe to print: it may hold what a terminal would obey. */

/** Control characters as escapes, so that it stays on one line. */
export function plain(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same with line breaks as spaces. */
export function oneLine(text: string): string {
  return plain(text.replace(/\s+/g, ' ').trim());
}
