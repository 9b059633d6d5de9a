/**
 * Stems of words: Snowball for English, German and Russian. Ukrainian has a suffix stripper of our own, because
 * @orama/stemmers/ukrainian separates common forms: рейс and рейси become рейс and ре, видалити and видали видал and вид.
 */
import { stemmer as english } from '@orama/stemmers/english';
import { stemmer as german } from '@orama/stemmers/german';
import { stemmer as russian } from '@orama/stemmers/russian';
import type { Languages } from './language.ts';

/** Longer words are not stemmed: no word of these languages has as many characters. */
const LONGEST_WORD = 64;
const STEMMERS = {
  en: (word: string) => withoutAccents(english(word)),
  de: (word: string) => withoutAccents(german(word)),
  ru: russian,
  uk: ukrainian,
};

const LATIN = /^\p{Script=Latin}/u;
const CYRILLIC = /^\p{Script=Cyrillic}/u;
const MARKS = /\p{M}/gu;

export type Stem = (word: string, languages: Languages) => string;

/** Returns the stem of a word in lower case; a word of another script is returned unchanged. */
export function stem(word: string, languages: Languages): string {
  const language = LATIN.test(word) ? languages.latin : CYRILLIC.test(word) ? languages.cyrillic : undefined;
  return language === undefined || word.length > LONGEST_WORD ? word : STEMMERS[language](word);
}

/** Returns a `stem` that remembers its results, because words recur in a text and in an index. */
export function memoizedStem(): Stem {
  const known = new Map<string, string>();
  return (word, languages) => {
    const key = `${languages.latin} ${languages.cyrillic} ${word}`;
    const found = known.get(key) ?? stem(word, languages);
    known.set(key, found);
    return found;
  };
}

function withoutAccents(word: string): string {
  return word.normalize('NFD').replace(MARKS, '');
}

const SHORTEST_STEM = 3;
// Longest first: the first ending that leaves a stem of SHORTEST_STEM letters is stripped.
const ENDINGS =
  'ювання ування ювати увати іями ями ами ові еві єві ому ого ими іми ої ою ею єю ах ях ам ям ом ем єм ів їв ей ій ий ія ію ії ає яє ає ує ює ити іти ати яти ути ила ило или ала ало али яла яло яли ив ав яв ли ла ло ть ти ай яй уй юй іть йте те ю я є і ї у а о е и й ь'
    .split(' ')
    .sort((a, b) => b.length - a.length);

function ukrainian(word: string): string {
  const base = withoutEnding(word, ['ся', 'сь']);
  return withoutEnding(base, ENDINGS).replace(/(.)\1$/u, '$1'); // reduces знанн- to знан-, the stem of знань
}

function withoutEnding(word: string, endings: readonly string[]): string {
  const ending = endings.find((end) => word.endsWith(end) && word.length - end.length >= SHORTEST_STEM);
  return ending === undefined ? word : word.slice(0, -ending.length);
}
