/** The stem of a word: Snowball for English, German and Russian, a light suffix stripper for Ukrainian. */
import { stemmer as english } from '@orama/stemmers/english';
import { stemmer as german } from '@orama/stemmers/german';
import { stemmer as russian } from '@orama/stemmers/russian';
import type { Languages } from './language.ts';

const CACHE_SIZE = 20_000;
/** Longer ones are no words of these languages. */
const LONGEST_WORD = 64;
const caches = {
  en: new Map<string, string>(),
  de: new Map<string, string>(),
  ru: new Map<string, string>(),
  uk: new Map<string, string>(),
};
const stemmers = {
  en: (word: string) => withoutAccents(english(word)),
  de: (word: string) => withoutAccents(german(word)),
  ru: russian,
  uk: ukrainian,
};

const LATIN = /^\p{Script=Latin}/u;
const CYRILLIC = /^\p{Script=Cyrillic}/u;
const MARKS = /\p{M}/gu;

/** `word` is in lower case; words of other scripts are returned as they are. */
export function stem(word: string, languages: Languages): string {
  const language = LATIN.test(word) ? languages.latin : CYRILLIC.test(word) ? languages.cyrillic : undefined;
  if (language === undefined || word.length > LONGEST_WORD) return word;
  const cache = caches[language];
  const known = cache.get(word);
  if (known !== undefined) return known;
  const found = stemmers[language](word);
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(word, found);
  return found;
}

function withoutAccents(word: string): string {
  return word.normalize('NFD').replace(MARKS, '');
}

const SHORTEST_STEM = 3;
// Longest first, so that the first that leaves a stem of three letters is the one to strip.
const ENDINGS =
  'ювання ування ювати увати іями ями ами ові еві єві ому ого ими іми ої ою ею єю ах ях ам ям ом ем єм ів їв ей ій ий ія ію ії ає яє ає ує ює ити іти ати яти ути ила ило или ала ало али яла яло яли ив ав яв ли ла ло ть ти ай яй уй юй іть йте те ю я є і ї у а о е и й ь'
    .split(' ')
    .sort((a, b) => b.length - a.length);

function ukrainian(word: string): string {
  const base = withoutEnding(word, ['ся', 'сь']);
  return withoutEnding(base, ENDINGS).replace(/(.)\1$/u, '$1'); // знанн- and знань are one word
}

function withoutEnding(word: string, endings: readonly string[]): string {
  const ending = endings.find((end) => word.endsWith(end) && word.length - end.length >= SHORTEST_STEM);
  return ending === undefined ? word : word.slice(0, -ending.length);
}
