/** Splits a text into words and terms for routing. Handles all of Unicode; equal texts give equal terms. */
import { detectLanguages } from './language.ts';
import type { Languages } from './language.ts';
import { memoizedStem } from './stemming.ts';
import type { Stem } from './stemming.ts';
import { STOP_WORDS } from './stop-words.ts';

/** A word and its stem. */
export interface Term {
  /** In lower case. */
  readonly word: string;
  readonly stem: string;
}

export interface AnalysedText {
  /** All words, in the order of the text. */
  readonly words: readonly Term[];
  /** The words without stop words and numbers. */
  readonly terms: readonly Term[];
}

/** Characters that are analysed; the rest of a longer text is ignored, which bounds the time. */
const MAX_CHARACTERS = 4096;

const INVISIBLE = /\p{Cf}/gu;
const CAMEL = /(\p{Ll}|\p{N})(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll})/gu;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const SCRIPT_WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const NUMBER = /^\p{N}+$/u;
const CYRILLIC_APOSTROPHE = /(?<=\p{Script=Cyrillic})['’ʼ`](?=\p{Script=Cyrillic})/gu;

/**
 * Returns the words of a text in order: normalized to NFKC, in lower case, with е for ё. `snake_case` gives its parts,
 * `camelCase` its parts and the whole word.
 */
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

/** A caller that analyses many texts passes one `stemOf` for all of them. */
export function analyse(text: string, stemOf: Stem = memoizedStem()): AnalysedText {
  const all = wordsOf(text);
  const languages = detectLanguages(all);
  const words = all.map((word) => ({ word, stem: stemOf(word, languages) }));
  return { words, terms: words.filter(({ word }) => carriesEvidence(word, languages)) };
}

function carriesEvidence(word: string, languages: Languages): boolean {
  if (NUMBER.test(word)) return false;
  return !STOP_WORDS[languages.latin].has(word) && !STOP_WORDS[languages.cyrillic].has(word);
}

/** Searches the text once before it looks at each word: few texts have camel case. */
function withCamelParts(text: string): string {
  return text.search(CAMEL) < 0 ? text : text.replace(WORD, withParts);
}

function withParts(word: string): string {
  const parts = word.replace(CAMEL, '$1$3 $2$4');
  return parts === word ? word : `${parts} ${word}`;
}

/** Returns overlapping pairs of characters, for scripts without spaces between words. */
function pairsOf(word: string): string[] {
  const characters = Array.from(word);
  if (characters.length < 3) return [word];
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}
