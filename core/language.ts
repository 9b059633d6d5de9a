/** Which language a text is in, as far as stemming and stop words need to know. */
import { STOP_WORDS } from './stop-words.ts';

export type Language = 'en' | 'de' | 'ru' | 'uk';

/** The language assumed for the words of each script; other scripts are not stemmed. */
export interface Languages {
  readonly latin: 'en' | 'de';
  readonly cyrillic: 'ru' | 'uk';
}

const GERMAN_LETTERS = /[äöüß]/u;
const UKRAINIAN_LETTERS = /[іїєґ]/u;
const RUSSIAN_LETTERS = /[ыэъё]/u;

/** Judges by letters that only one language has and by function words; English and Russian where neither tells. */
export function detectLanguages(words: readonly string[]): Languages {
  let german = 0;
  let ukrainian = 0;
  for (const word of words) {
    german += Number(STOP_WORDS.de.has(word) || GERMAN_LETTERS.test(word)) - Number(STOP_WORDS.en.has(word));
    ukrainian += Number(STOP_WORDS.uk.has(word) || UKRAINIAN_LETTERS.test(word));
    ukrainian -= Number(STOP_WORDS.ru.has(word) || RUSSIAN_LETTERS.test(word));
  }
  return { latin: german > 0 ? 'de' : 'en', cyrillic: ukrainian > 0 ? 'uk' : 'ru' };
}
