/** Which language a text is in, as far as stemming and stop words need to know. */
import { STOP_WORDS } from './stop-words.ts';

export type Language = 'en' | 'de' | 'ru' | 'uk';

/** The language assumed for the words of each script; other scripts are not stemmed. */
export interface Languages {
  readonly latin: 'en' | 'de';
  readonly cyrillic: 'ru' | 'uk';
}

export const DEFAULT_LANGUAGES: Languages = { latin: 'en', cyrillic: 'ru' };

const GERMAN_LETTERS = /[äöüß]/u;
const UKRAINIAN_LETTERS = /[іїєґ]/u;
const RUSSIAN_LETTERS = /[ыэъё]/u;

/** Judges by letters that only one language has and by function words; `fallback` decides where neither tells. */
export function detectLanguages(words: readonly string[], fallback: Languages): Languages {
  let latin = 0;
  let cyrillic = 0;
  for (const word of words) {
    latin += sign(STOP_WORDS.de.has(word) || GERMAN_LETTERS.test(word), STOP_WORDS.en.has(word));
    const isUkrainian = UKRAINIAN_LETTERS.test(word) || STOP_WORDS.uk.has(word);
    cyrillic += sign(isUkrainian, RUSSIAN_LETTERS.test(word) || STOP_WORDS.ru.has(word));
  }
  return {
    latin: latin === 0 ? fallback.latin : latin > 0 ? 'de' : 'en',
    cyrillic: cyrillic === 0 ? fallback.cyrillic : cyrillic > 0 ? 'uk' : 'ru',
  };
}

function sign(positive: boolean, negative: boolean): number {
  return Number(positive) - Number(negative);
}
