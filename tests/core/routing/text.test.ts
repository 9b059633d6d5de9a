import { analyse, wordsOf } from '../../../core/routing/text.ts';

const stems = (text: string): string[] => analyse(text).terms.map(({ stem }) => stem);

describe('wordsOf', () => {
  test.each([
    ['snake_case and kebab-case', ['snake', 'case', 'and', 'kebab', 'case']],
    ['createPullRequest', ['create', 'pull', 'request', 'createpullrequest']],
    ['the HTTPServer', ['the', 'http', 'server', 'httpserver']],
    ['Ёлка ещё', ['елка', 'еще']],
    ['ﬁle Ｆｕｌｌ', ['file', 'full']],
    ['so\u200Bft hy\u00ADphen', ['soft', 'hyphen']],
    ["об'єкт і п’ять", ['обєкт', 'і', 'пять']],
    ['東京の天気', ['東京', '京の', 'の天', '天気']],
    ['天気 ?', ['天気']],
    ['🙂 \uD800 …', []],
  ])('takes %j apart', (text, expected) => {
    expect(wordsOf(text)).toEqual(expected);
  });

  test('looks at the first 4096 characters only, before and after they are normalised', () => {
    expect(wordsOf('a '.repeat(1_000_000))).toHaveLength(2048);
    expect(wordsOf('\uFDFA'.repeat(4096)).join('').length).toBeLessThanOrEqual(4096);
  });
});

describe('analyse', () => {
  test.each([
    ['Could you please find all the flights to Sochi', ['find', 'flight', 'sochi']],
    ['Finde bitte alle Flüge nach Wien', ['find', 'flug', 'wien']],
    ['Покажи, пожалуйста, все рейсы в Сочи', ['покаж', 'рейс', 'соч']],
    ['Знайди, будь ласка, рейси до Одеси', ['знайд', 'рейс', 'одес']],
    ['Top 10 of 2026', ['top']],
  ])('removes stop words and numbers from %j', (text, expected) => {
    expect(stems(text)).toEqual(expected);
  });

  test('keeps every word beside the terms', () => {
    expect(analyse('the first of 3').words.map(({ word }) => word)).toEqual(['the', 'first', 'of', '3']);
  });
});
