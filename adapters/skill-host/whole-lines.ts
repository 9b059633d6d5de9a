/** Runs in the skill process: cuts text so that no part of a secret is left, since the worker finds whole ones only. */

/** Returns a text that is too long without the line at the cut. Programs write a secret into one line. */
export function wholeLines(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, text.lastIndexOf('\n', maxChars) + 1)}...`;
}
