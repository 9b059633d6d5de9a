/** Numbers the lines of a text that are not blank, right-aligned to the widest number. */
import type { Skill } from 'skillos';

export const run: Skill<string, string> = (text) => {
  const lines = text.split('\n');
  const width = String(lines.filter((line) => line !== '').length).length;
  let number = 0;
  return lines
    .map((line) => {
      if (line === '') return line;
      number += 1;
      return `${String(number).padStart(width)}. ${line}`;
    })
    .join('\n');
};
