/** The stem of a word: Snowball for English, German and Russian, a light suffix stripper for Ukrainian. */
import { stemmer as english } from '@orama/stemmers/english';
import { stemmer as german } from '@orama/stemmers/german';
import { stemmer as russian } from '@orama/stemmers/russian';
import type { Languages } from './language.ts';

const CACHE_SIZE = 20_000;
const caches = {
  en: new Map<string, string>(),
  de: new Map<string, string>(),
  ru: new Map<string, string>(),
  uk: new Map<string, string>(),
};
const stemmers = { en: english, de: german, ru: russian, uk: ukrainian };

const LATIN = /^\p{Script=Latin}/u;
const CYRILLIC = /^\p{Script=Cyrillic}/u;
const MARKS = /\p{M}/gu;

/** `word` is in lower case; words of other scripts are returned as they are. */
export function stem(word: string, languages: Languages): string {
  const language = LATIN.test(word) ? languages.latin : CYRILLIC.test(word) ? languages.cyrillic : undefined;
  if (language === undefined) return word;
  const cache = caches[language];
  const known = cache.get(word);
  if (known !== undefined) return known;
  const found =
    language === 'en' || language === 'de'
      ? stemmers[language](word).normalize('NFD').replace(MARKS, '')
      : stemmers[language](word);
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(word, found);
  return found;
}

const SHORTEST_STEM = 3;
const REFLEXIVE = /(?:ся|сь)$/;
// Longest first, so that the first that leaves a stem of three letters is the one to strip.
const ENDINGS =
  'ювання ування ювати увати іями ями ами ові еві єві ому ого ими іми ої ою ею єю ах ях ам ям ом ем єм ів їв ей ій ий ія ію ії ає яє ає ує ює ити іти ати яти ути ли ла ло ть ти ай яй уй юй іть йте те ю я є і ї у а о е и й ь'
    .split(' ')
    .sort((a, b) => b.length - a.length);

function ukrainian(word: string): string {
  const base = strip(word, REFLEXIVE);
  for (const ending of ENDINGS) {
    if (base.endsWith(ending) && base.length - ending.length >= SHORTEST_STEM) {
      return soften(base.slice(0, -ending.length));
    }
  }
  return base;
}

function strip(word: string, ending: RegExp): string {
  const rest = word.replace(ending, '');
  return rest.length >= SHORTEST_STEM ? rest : word;
}

/** Undoes what vowels do in a closed syllable and doubled consonants: готів- and готов-, знанн- and знан-. */
function soften(stemmed: string): string {
  return stemmed.replace(/(.)\1$/u, '$1').replace(/ь$/u, '');
}
