/** Finds words for destructive actions in ids, texts and input. Without zod: workflows use it. */
import type { JsonValue } from '../json.ts';
import type { SideEffects } from '../plans/plan.ts';

export interface Risk {
  readonly level: 'low' | 'high';
  /** Reasons for people; they contain the stems of the table below, never text of the input. */
  readonly reasons: readonly string[];
}

export interface RiskSubject {
  readonly ids: readonly string[];
  readonly texts: readonly string[];
  /** Declared side effects; undefined counts as `write`. */
  readonly sideEffects?: SideEffects | undefined;
}

interface Stem {
  /** The word in the reason. */
  readonly says: string;
  /** Matches a whole word in lower case, with `е` for `ё`. */
  readonly word: RegExp;
  /** Pattern that the following word must match, or must not match. */
  readonly next?: RegExp;
  readonly notNext?: RegExp;
  /** The word has harmless senses; for a skill that changes nothing it counts only in the id. */
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
  // Excluded: "удалось" (succeeded), "удалённый" (remote or deleted), "стерлинг" (sterling), "стирка" (laundry).
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
  // Ukrainian. Not "віддалений" (remote) or "вдалося" (it worked).
  { says: 'видалити', word: /^видал(и|ити|іть|имо|ить|иш|ив|ил[аои]|ю|я\p{L}*|ен\p{L}*)$/u },
  { says: 'стерти', word: /^(стерти|зітр(и|іть|у|е|еш|емо|уть)|зітер)$/ },
  { says: 'стирати', word: /^стира(ти|є|ють|ємо|в|ння|нням)$/, isMild: true },
  {
    says: 'очистити',
    word: /^(о|ви|за)чи(ст(и|ити|іть|имо|ить|ив|ил[аои]|к\p{L}*)|щ(а\p{L}*|у|ен\p{L}*))$/u,
  },
  { says: 'знищити', word: /^знищ\p{L}*$/u, isMild: true },
  {
    says: 'прибрати',
    word: /^(прибер(и|іть|у|е|емо|уть)|прибра(ти|в|л[аои]|но|ний|ні)|прибира(ти|й|йте|є|ють))$/,
    isMild: true,
  },
  { says: 'вилучити', word: /^вилуч(и|ити|іть|ить|ив|ил[аои]|а\p{L}*|ен\p{L}*)$/u, isMild: true },
  { says: 'знести', word: /^зн(еси|есіть|ести|есла|іс|есен[іоа]?)$/, isMild: true },
  { says: 'обнулити', word: /^обнул(ити|іть|ять|ив|ення)$/, isMild: true },
  { says: 'масово оновити', word: /^масов\p{L}*$/u, next: /^онов\p{L}*$/u },
  {
    says: 'оновити все',
    word: /^онов(и|ити|іть|ить|ляй|ляйте|лювати|лення)$/,
    next: /^(все|всі|всіх|усе|усі|усіх)$/,
  },
  // German, also in compounds. Not "entfernt" or "Entfernung" (distance), "Feuerlöscher" or "Leere".
  { says: 'löschen', word: /^[a-zß-ÿ]*l(ö|oe)sch(e|en|st|t|te|ten|ung|ungen)?$/u },
  { says: 'gelöscht', word: /^[a-zß-ÿ]*gel(ö|oe)scht(e|en|er|es|em)$/u },
  { says: 'ausradieren', word: /^ausradier(e|en|t|te|ung)$/ },
  { says: 'entfernen', word: /^entfern(e|en|st)?$/, isMild: true },
  { says: 'beseitigen', word: /^beseitig(e|en|t|te|ten|ung)$/, isMild: true },
  { says: 'vernichten', word: /^vernicht(e|en|et|ete|eten|ung|ungen)$/, isMild: true },
  { says: 'zerstören', word: /^zerst(ö|oe)r(e|en|t|te|ten|ung|ungen)$/, isMild: true },
  { says: 'bereinigen', word: /^bereinig(e|en|t|te|ten|ung|ungen)$/, isMild: true },
  { says: 'leeren', word: /^(ent)?(leeren|leert|geleert|leerung)$/, isMild: true },
  { says: 'verwerfen', word: /^(verwirf|verwerfen?|verworfen)$/, isMild: true },
  { says: 'wegwerfen', word: /^(wegwerfen|weggeworfen)$/, isMild: true },
  { says: 'Massenaktualisierung', word: /^massen(aktualisierung|änderung|aenderung)(en)?$/ },
  {
    says: 'alle aktualisieren',
    word: /^aktualisier(e|en|t|ung)$/,
    next: /^(alle[nrs]?|jede[nrsm]?|sämtliche[nr]?)$/,
  },
];

/** Finds words of any stem, so that most words of a long text are not looked at one by one. */
const ANY = new RegExp(
  String.raw`(?<!\p{L})(?:${STEMS.map(({ word }) => word.source.slice(1, -1)).join('|')})(?!\p{L})`,
  'gu',
);

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

/** Returns all texts and names in a value, except under names whose value is false or null. */
export function textsOf(value: JsonValue): readonly string[] {
  const texts: string[] = [];
  const open = [value]; // an explicit stack, because input may be nested deeper than the call stack
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item === 'string') {
      const held = jsonIn(item);
      if (held === undefined) texts.push(item);
      else open.push(held);
    }
    if (item === null || typeof item !== 'object') continue;
    for (const [name, held] of Object.entries(item)) {
      if (held === false || held === null) continue;
      if (!Array.isArray(item)) texts.push(name);
      open.push(held);
    }
  }
  return texts;
}

/** The value of a text that is JSON, which a skill may read; undefined for any other text. */
function jsonIn(text: string): JsonValue | undefined {
  if (!/^\s*["[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined; // ordinary text
  }
}

/** Returns the distinct words of the stems that occur in the texts. */
function found(texts: readonly string[], stems: readonly Stem[]): readonly string[] {
  const says = new Set<string>();
  for (const text of texts) {
    const plain = plainText(text);
    for (const { 0: word, index } of plain.matchAll(ANY)) {
      const next = wordFrom(plain, index + word.length);
      const stem = stems.find((candidate) => isMeant(candidate, word, next));
      if (stem) says.add(stem.says);
    }
  }
  return [...says];
}

function isMeant({ word, next, notNext }: Stem, written: string, following: string): boolean {
  if (!word.test(written)) return false;
  return next === undefined ? notNext?.test(following) !== true : next.test(following);
}

/** Returns the text in lower case with its words apart: ids are split at `_`, `-` and `/`, camelCase before capitals. */
function plainText(text: string): string {
  const plain = text.normalize('NFKC').replace(INVISIBLE, '').replace(CAMEL, ' ').toLowerCase();
  return plain.replaceAll('ё', 'е');
}

/** Returns the first word at or after a place; an empty text if there is none. */
function wordFrom(plain: string, place: number): string {
  WORD.lastIndex = place;
  return WORD.exec(plain)?.[0] ?? '';
}
