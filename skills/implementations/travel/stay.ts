/** How long someone stays, in plain words. */
import numbers from '../language/data/numbers.json' with { type: 'json' };
import { isFormOfAny, wordsOf } from '../language/words.ts';

const DAYS = ['day', 'days', 'дня', 'дней', 'день', 'дні', 'днів', 'tag', 'tage', 'tagen'];
const NIGHTS = ['night', 'nights', 'ноч~', 'ночь', 'ночей', 'ніч', 'ночей', 'nacht', 'nächte', 'nächten'];

/** `3 nights` as they are, `three days` as two nights; at least one. */
export function nightsIn(text: string): number | undefined {
  const words = wordsOf(text).map((word) => word.folded);
  for (const [at, word] of words.slice(1).entries()) {
    const count = numberOf(words[at] ?? '');
    if (count === undefined) continue;
    if (isFormOfAny(NIGHTS, word)) return Math.max(1, count);
    if (isFormOfAny(DAYS, word)) return Math.max(1, count - 1);
  }
  return undefined;
}

function numberOf(word: string): number | undefined {
  if (/^\d{1,2}$/.test(word)) return Number(word);
  const index = numbers.findIndex((names) => names.includes(word));
  return index < 0 ? undefined : index + 1;
}
