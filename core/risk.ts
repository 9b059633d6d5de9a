/** Whether words speak of destruction: what a skill calls itself, and what it is told to do. Zod-free: workflows run it. */
import type { JsonValue } from './json.ts';
import type { SideEffects } from './plan.ts';

export interface Risk {
  readonly level: 'low' | 'high';
  /** For people; words of ours, never of the input. */
  readonly reasons: readonly string[];
}

export interface RiskSubject {
  readonly ids: readonly string[];
  readonly texts: readonly string[];
  /** What the skill declares; without, it may change anything. */
  readonly sideEffects?: SideEffects | undefined;
}

interface Stem {
  /** What people are told was found. */
  readonly says: string;
  /** A whole word, in lower case, with `е` for `ё`. */
  readonly word: RegExp;
  /** What must follow, or must not. */
  readonly next?: RegExp;
  readonly notNext?: RegExp;
  /** Said of tidying text and the like too; of a skill that changes nothing, it counts in the id alone. */
  readonly isMild?: true;
}

const UPDATE = /^updat(e|es|ed|ing)$/;
const ALL = /^(all|every|everything|everyone)$/;
const DROPPING_NOTHING = /^(down|downs|in|off|offs|out|outs|box|ship|shipping|zone|point|cap)$/;

const STEMS: readonly Stem[] = [
  { says: 'delete', word: /^delet(e|es|ed|er|ers|ing|ion|ions)$/ },
  { says: 'purge', word: /^purg(e|es|ed|er|ers|ing)$/ },
  { says: 'truncate', word: /^truncat(e|es|ed|ing|ion|ions)$/ },
  { says: 'wipe', word: /^wip(e|es|ed|ing)$/ },
  { says: 'erase', word: /^eras(e|es|ed|ing|ure|ures)$/ },
  { says: 'destroy', word: /^destr(oy|oys|oyed|oying|uction|uctive)$/, isMild: true },
  { says: 'remove', word: /^remov(e|es|ed|er|ers|ing|al|als)$/, isMild: true },
  { says: 'drop', word: /^drop(s|ped|ping)?$/, notNext: DROPPING_NOTHING, isMild: true },
  { says: 'bulk update', word: /^bulk$/, next: UPDATE },
  { says: 'mass update', word: /^mass$/, next: UPDATE },
  { says: 'update all', word: UPDATE, next: ALL },
  // Not "удалось" (it worked), "удалённый" (remote as often as deleted), "стерлинг" or "стирка".
  { says: 'удалить', word: /^удал(и|ить|ите|им|ит|ишь|ил[аои]?|ив|ю|я\p{L}*|ен[аоы]?|ени\p{L}*)$/u },
  { says: 'стереть', word: /^(стер(еть|ла|ло|ли|т[аоы]?|т[ыао][йеях]\p{L}*)?|сотр(и|ите|у|ет|ем|ешь|ут))$/u },
  { says: 'стирать', word: /^стира(ть|й|йте|ет|ют|ем|л[аои]?|ни[еяюй]|нием)$/, isMild: true },
  { says: 'очистить', word: /^(о|вы|за)(чист(и|ить|ите|им|ит|ил[аои]?|к\p{L}*)|чищ(а\p{L}*|у|ен\p{L}*))$/u },
  { says: 'уничтожить', word: /^уничтож\p{L}*$/u, isMild: true },
  {
    says: 'убрать',
    word: /^(убер(и|ите|у|ет|ем|ут)|убра(ть|л[аои]?|н[аоы]?)|убира(ть|й|йте|ет|ют))$/,
    isMild: true,
  },
  { says: 'снести', word: /^сн(еси|есите|ести|есла|если|есены?)$/, isMild: true },
  { says: 'обнулить', word: /^обнул(и|ить|ите|ит|ил[аои]?|я\p{L}*|ени\p{L}*)$/u, isMild: true },
  { says: 'массово обновить', word: /^массов\p{L}*$/u, next: /^обнов\p{L}*$/u },
  { says: 'обновить все', word: /^обнов(и|ить|ите|ит|ляй|ляйте|лять|ление)$/, next: /^вс(е|ех|ю|его|ем)$/ },
];

/** Most words are none of them, and long texts are many words. */
const ANY = new RegExp(STEMS.map(({ word }) => word.source).join('|'), 'u');

const INVISIBLE = /\p{Cf}/gu;
const CAMEL = /(?<=\p{Ll})(?=\p{Lu})/gu;
const WORD = /\p{L}+/gu;

/**
 * High where any stem of the table is found. Negation is not parsed. Of a skill that declares that it changes nothing,
 * mild words count in the id alone: the id says what it does, and the rest what it is about.
 */
export function riskOf({ ids, texts, sideEffects }: RiskSubject): Risk {
  const isHarmless = sideEffects === 'none' || sideEffects === 'read';
  const stems = isHarmless ? STEMS.filter((stem) => !stem.isMild) : STEMS;
  const inIds = ids.map((id) => ({ id, says: found([id], STEMS) }));
  const named = new Set(inIds.flatMap(({ says }) => says));
  const reasons = [
    ...inIds.flatMap(({ id, says }) => says.map((stem) => `the id ${id} says "${stem}"`)),
    ...found(texts, stems).flatMap((stem) => (named.has(stem) ? [] : [`the text says "${stem}"`])),
  ];
  return { level: reasons.length === 0 ? 'low' : 'high', reasons };
}

/** All texts of a value, and the names in its objects, but not of what is switched off. */
export function textsOf(value: JsonValue): readonly string[] {
  const texts: string[] = [];
  const open = [value]; // a stack of our own, because input may be nested deeper than calls may be
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item === 'string') texts.push(item);
    if (item === null || typeof item !== 'object') continue;
    for (const [name, held] of Object.entries(item)) {
      if (held === false || held === null) continue;
      if (!Array.isArray(item)) texts.push(name);
      open.push(held);
    }
  }
  return texts;
}

/** What the stems found say, each once. */
function found(texts: readonly string[], stems: readonly Stem[]): readonly string[] {
  const says = new Set<string>();
  for (const text of texts) {
    let word = '';
    for (const next of wordsOf(text)) {
      const stem = ANY.test(word) && stems.find((candidate) => isMeant(candidate, word, next));
      if (stem) says.add(stem.says);
      word = next;
    }
  }
  return [...says];
}

function isMeant({ word, next, notNext }: Stem, written: string, following: string): boolean {
  if (!word.test(written)) return false;
  return next === undefined ? notNext?.test(following) !== true : next.test(following);
}

/** Letters only: ids come apart at `_`, `-` and `/`, and camelCase at its humps. An empty word ends them. */
function* wordsOf(text: string): Generator<string> {
  const plain = text.normalize('NFKC').replace(INVISIBLE, '').replace(CAMEL, ' ').toLowerCase();
  for (const [word] of plain.replaceAll('ё', 'е').matchAll(WORD)) yield word;
  yield '';
}
