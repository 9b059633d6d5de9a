/** The cities of the timetable, found in free text by any of their names and in any grammatical case. */
import { PermanentError } from 'skillos';
import { isCalendarWord } from '../language/dates.ts';
import { fold, isForm, nearest, wordsOf } from '../language/words.ts';
import type { Word } from '../language/words.ts';
import cities from './data/cities.json' with { type: 'json' };

export type City = (typeof cities)[number];

export interface Route {
  readonly from: City | undefined;
  readonly to: City | undefined;
}

interface Mention {
  readonly city: City;
  readonly at: number;
  readonly length: number;
}

const FROM = new Set([
  'from',
  'leaving',
  'departing',
  'von',
  'aus',
  'ab',
  'из',
  'от',
  'с',
  'со',
  'з',
  'із',
  'зі',
  'від',
]);
const TO = new Set(['to', 'into', 'towards', 'nach', 'bis', 'в', 'во', 'до', 'на', 'у']);
/** Prepositions after which an unknown word can only be a place, or, after `to`, one of these verbs. */
const FROM_A_PLACE = new Set(['from', 'von', 'aus', 'из', 'від']);
const TO_A_PLACE = new Set(['to', 'into', 'nach', 'в', 'во', 'до', 'у']);
const IN_A_PLACE = new Set(['in', 'at']);
const VERBS = new Set(
  'be book catch find fly get go have know leave look make order plan reserve see search spend stay travel visit'.split(
    ' ',
  ),
);

const NAMES = cities
  .flatMap((city) => city.names.map((name) => ({ city, parts: name.split(' ') })))
  .sort((a, b) => b.parts.length - a.parts.length);

export function cityByCode(code: string): City {
  const city = cities.find((candidate) => candidate.code === code);
  if (!city) throw new PermanentError(`Unknown city code "${code}", expected one of ${codes()}`);
  return city;
}

/** The city of that name or code; an unknown one is refused with the nearest names. */
export function cityNamed(name: string): City {
  const [mention] = mentionsIn(wordsOf(name));
  if (!mention) throw unknownCity(name);
  return mention.city;
}

/** The city a text is about: where it leads to, else any it names. */
export function cityIn(text: string): City | undefined {
  const { from, to } = routeIn(text);
  const stranger = (to ?? from) ? undefined : strangerAfter(wordsOf(text), IN_A_PLACE);
  if (stranger !== undefined) throw unknownCity(stranger);
  return to ?? from;
}

/** Origin and destination by their prepositions, else by order; a single bare city is the destination. */
export function routeIn(text: string): Route {
  const words = wordsOf(text);
  const mentions = mentionsIn(words);
  const after = (prepositions: ReadonlySet<string>) =>
    mentions.find(({ at }) => prepositions.has(words[at - 1]?.folded ?? ''));
  const departure = after(FROM);
  const arrival = after(TO);
  const bare = mentions.filter((mention) => mention !== departure && mention !== arrival);
  const origin = departure ?? (arrival || bare.length > 1 ? bare.shift() : undefined);
  const destination = arrival ?? bare.shift();
  const stranger =
    (origin ? undefined : strangerAfter(words, FROM_A_PLACE)) ??
    (destination ? undefined : strangerAfter(words, TO_A_PLACE));
  if (stranger !== undefined) throw unknownCity(stranger);
  return { from: origin?.city, to: destination?.city };
}

function mentionsIn(words: readonly Word[]): readonly Mention[] {
  const mentions: Mention[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const mention = mentionAt(words, at);
    if (!mention) continue;
    mentions.push(mention);
    at += mention.length - 1;
  }
  return mentions;
}

function mentionAt(words: readonly Word[], at: number): Mention | undefined {
  const coded = cities.find((city) => city.code === words[at]?.text);
  if (coded) return { city: coded, at, length: 1 };
  const named = NAMES.find(({ parts }) =>
    parts.every((part, offset) => isForm(part, words[at + offset]?.folded ?? '')),
  );
  return named && { city: named.city, at, length: named.parts.length };
}

/** A word where a place should stand that is none we know. */
function strangerAfter(words: readonly Word[], prepositions: ReadonlySet<string>): string | undefined {
  const place = words.find((word, at) => {
    const isPlace = prepositions.has(words[at - 1]?.folded ?? '');
    return isPlace && !/^\d/.test(word.text) && !VERBS.has(word.folded) && !isCalendarWord(word.folded);
  });
  return place?.text;
}

function unknownCity(name: string): PermanentError {
  const known = NAMES.filter(({ parts }) => parts.length === 1).map(({ city, parts }) => ({
    city,
    name: parts.join('').replace('~', ''),
  }));
  const near = nearest(
    fold(name),
    known.map((candidate) => candidate.name),
  );
  const meant = new Set(
    known.filter((candidate) => near.slice(0, 3).includes(candidate.name)).map(({ city }) => city.name),
  );
  const expected =
    meant.size > 0 ? `did you mean ${[...meant].join(' or ')}` : `expected one of ${cityNames()}`;
  return new PermanentError(`Unknown city "${name.slice(0, 60)}", ${expected}`);
}

function cityNames(): string {
  return cities
    .map((city) => city.name)
    .sort()
    .join(', ');
}

function codes(): string {
  return cities.map((city) => city.code).join(', ');
}
