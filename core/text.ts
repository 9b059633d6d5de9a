/** Text → words and terms: what routing compares. Unicode throughout; the same text always gives the same terms. */
import { detectLanguages } from './language.ts';
import type { Languages } from './language.ts';
import { stem } from './stemming.ts';
import { STOP_WORDS } from './stop-words.ts';

/** A word that says something. */
export interface Term {
  /** As it was written, in lower case. */
  readonly word: string;
  readonly stem: string;
}

export interface AnalysedText {
  /** All words, in order. */
  readonly words: readonly Term[];
  /** Those that carry evidence of what the text is about: no stop words, no numbers. */
  readonly terms: readonly Term[];
}

/** Longer texts are cut: no request needs more, and no text may cost more. */
const MAX_CHARACTERS = 4096;

const INVISIBLE = /\p{Cf}/gu;
const CAMEL = /(\p{Ll}|\p{N})(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll})/gu;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const SCRIPT_WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const NUMBER = /^\p{N}+$/u;
const CYRILLIC_APOSTROPHE = /(?<=\p{Script=Cyrillic})['’ʼ`](?=\p{Script=Cyrillic})/gu;

/** Words in lower case, in order: NFKC, ё as е, `snake_case` taken apart, `camelCase` too and kept whole beside it. */
export function wordsOf(text: string): string[] {
  const plain = text
    .slice(0, MAX_CHARACTERS)
    .normalize('NFKC')
    .slice(0, MAX_CHARACTERS)
    .replace(INVISIBLE, '')
    .replace(CYRILLIC_APOSTROPHE, '');
  const words = withCamelParts(plain).toLowerCase().replaceAll('ё', 'е').match(WORD) ?? [];
  if (!SCRIPT_WITHOUT_SPACES.test(plain)) return words;
  return words.flatMap((word) => (SCRIPT_WITHOUT_SPACES.test(word) ? pairsOf(word) : [word]));
}

export function analyse(text: string): AnalysedText {
  const all = wordsOf(text);
  const languages = detectLanguages(all);
  const words = all.map((word) => ({ word, stem: stem(word, languages) }));
  return { words, terms: words.filter(({ word }) => carriesEvidence(word, languages)) };
}

function carriesEvidence(word: string, languages: Languages): boolean {
  if (NUMBER.test(word)) return false;
  return !STOP_WORDS[languages.latin].has(word) && !STOP_WORDS[languages.cyrillic].has(word);
}

/** Few texts have any, and to look at each word is dear. */
function withCamelParts(text: string): string {
  return text.search(CAMEL) < 0 ? text : text.replace(WORD, withParts);
}

function withParts(word: string): string {
  const parts = word.replace(CAMEL, '$1$3 $2$4');
  return parts === word ? word : `${parts} ${word}`;
}

/** Two characters at a time, where a script puts no spaces between words. */
function pairsOf(word: string): string[] {
  const characters = Array.from(word);
  if (characters.length < 3) return [word];
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}
