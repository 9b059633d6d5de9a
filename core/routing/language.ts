/** Detects the language of a text for stemming and stop words. */
import { STOP_WORDS } from './stop-words.ts';

/** Language of the words in each script; other scripts are not stemmed. */
export interface Languages {
  readonly latin: 'en' | 'de';
  readonly cyrillic: 'ru' | 'uk';
}

const OTHER_SCRIPT = /(?!\p{Script=Latin})\p{L}/u;
const GERMAN_LETTERS = /[äöüß]/u;
const UKRAINIAN_LETTERS = /[іїєґ]/u;
const RUSSIAN_LETTERS = /[ыэъё]/u;

/** True unless a letter of another script or the words show another language. */
export function isEnglish(text: string, words: readonly string[]): boolean {
  return !OTHER_SCRIPT.test(text) && detectLanguages(words).latin === 'en';
}

/** Counts letters and stop words that occur in one language only. Defaults are English and Russian. */
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
