/** Clean-up of pasted text: one kind of line end, single spaces, no blank lines at the ends or in a row. */
import type { Skill } from 'skillos';

export const run: Skill<string, string> = (text) =>
  text
    .normalize('NFC')
    .replaceAll(/\r\n?|[\u2028\u2029]/g, '\n')
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
