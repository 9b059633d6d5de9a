import type { JsonValue } from '../../../core/json.ts';
import type { SideEffects } from '../../../core/plans/plan.ts';
import { riskOf, textsOf } from '../../../core/approvals/risk.ts';

const text = (words: string, sideEffects?: SideEffects) => riskOf({ ids: [], texts: [words], sideEffects });

describe('riskOf', () => {
  test.each([
    ['delete the expired records', 'delete'],
    ['Deletes what is old', 'delete'],
    ['it is deleting rows', 'delete'],
    ['records deleted last week', 'delete'],
    ['the deletion of accounts', 'delete'],
    ['DELETE FROM users', 'delete'],
    ['remove the meeting', 'remove'],
    ['removed for good', 'remove'],
    ['Removes entries', 'remove'],
    ['removal of users', 'remove'],
    ['drop table users', 'drop'],
    ['dropping the schema', 'drop'],
    ['the index was dropped', 'drop'],
    ['drop', 'drop'],
    ['purge the logs', 'purge'],
    ['purging caches', 'purge'],
    ['truncate orders', 'truncate'],
    ['truncated the table', 'truncate'],
    ['wipe the disk', 'wipe'],
    ['wiping all drives', 'wipe'],
    ['erase record r-105', 'erase'],
    ['erasure of personal data', 'erase'],
    ['destroy the cluster', 'destroy'],
    ['destruction of evidence', 'destroy'],
    ['bulk update of prices', 'bulk update'],
    ['bulk-updating customers', 'bulk update'],
    ['mass-update', 'mass update'],
    ['mass   updates', 'mass update'],
    ['update all prices', 'update all'],
    ['update everything', 'update all'],
    ['updating every customer', 'update all'],
    ['do not delete anything', 'delete'],
    ['видали всі записи', 'видалити'],
    ['видалення облікових записів', 'видалити'],
    ['видалені файли', 'видалити'],
    ['стерти диск', 'стерти'],
    ['зітри журнал', 'стерти'],
    ['стирання даних', 'стирати'],
    ['очистити таблицю', 'очистити'],
    ['вичистив кошик', 'очистити'],
    ['знищити базу', 'знищити'],
    ['прибери старі записи', 'прибрати'],
    ['вилучити користувача', 'вилучити'],
    ['знести сервер', 'знести'],
    ['обнулити залишки', 'обнулити'],
    ['масове оновлення цін', 'масово оновити'],
    ['онови всі ціни', 'оновити все'],
    ['lösche alle Kunden', 'löschen'],
    ['Bitte Daten löschen', 'löschen'],
    ['die Datenlöschung', 'löschen'],
    ['loeschen', 'löschen'],
    ['wurde gelöscht', 'löschen'],
    ['gelöschter Kunde', 'gelöscht'],
    ['radiere nichts, ausradieren', 'ausradieren'],
    ['entferne den Benutzer', 'entfernen'],
    ['beseitige die Reste', 'beseitigen'],
    ['vernichte die Akten', 'vernichten'],
    ['zerstöre den Cluster', 'zerstören'],
    ['bereinige die Tabelle', 'bereinigen'],
    ['den Papierkorb leeren', 'leeren'],
    ['verwirf die Entwürfe', 'verwerfen'],
    ['alles wegwerfen', 'wegwerfen'],
    ['Massenaktualisierung der Preise', 'Massenaktualisierung'],
    ['aktualisiere alle Preise', 'alle aktualisieren'],
    ['удали все записи', 'удалить'],
    ['Удалите аккаунт', 'удалить'],
    ['удалить базу', 'удалить'],
    ['я удалил файлы', 'удалить'],
    ['она удалила файлы', 'удалить'],
    ['удаляет старое', 'удалить'],
    ['удалю завтра', 'удалить'],
    ['удаление записей', 'удалить'],
    ['после удаления', 'удалить'],
    ['файл удалён', 'удалить'],
    ['записи удалены', 'удалить'],
    ['Стереть просроченные записи', 'стереть'],
    ['сотри диск', 'стереть'],
    ['стёрла всё', 'стереть'],
    ['стёртые данные', 'стереть'],
    ['стирает журнал', 'стирать'],
    ['очисти таблицу', 'очистить'],
    ['очистить корзину', 'очистить'],
    ['очистка журналов', 'очистить'],
    ['таблица очищена', 'очистить'],
    ['зачисти хвосты', 'очистить'],
    ['вычистить склад', 'очистить'],
    ['уничтожь копии', 'уничтожить'],
    ['уничтожение данных', 'уничтожить'],
    ['убери встречу', 'убрать'],
    ['убрать пользователя', 'убрать'],
    ['снеси базу', 'снести'],
    ['обнули счётчики', 'обнулить'],
    ['обнуление остатков', 'обнулить'],
    ['массовое обновление цен', 'массово обновить'],
    ['массово обнови цены', 'массово обновить'],
    ['обнови все цены', 'обновить все'],
    ['обновить всех клиентов', 'обновить все'],
    ['deleteAllRecords', 'delete'],
    ['ＤＥＬＥＴＥ it', 'delete'],
    ['de\u00ADlete it', 'delete'],
    ['de\u200Blete it', 'delete'],
    ['delete2', 'delete'],
  ])('rates %j high, because of %s', (words, says) => {
    expect(text(words)).toEqual({ level: 'high', reasons: [`the text says "${says}"`] });
  });

  test.each([
    '',
    'Find flights to Sochi on Friday',
    'a dropdown with a backdrop',
    'choose from the drop-down menu',
    'drop-off at the airport',
    'drop in any time',
    'dropDown',
    'files in Dropbox',
    'dropout rates and droplets',
    'deleterious effects',
    'rubber eraser and windscreen wiper',
    'Erasmus of Rotterdam',
    'the destroyer left the harbour',
    'remote and removable media',
    'update the price of one item',
    'update allowance',
    'mass and weight of parts',
    'in bulk',
    'trunk of the car',
    'перевести 100 фунтов стерлингов',
    'стерео и стержень',
    'стиральная машина',
    'найди удалённую работу',
    'удалённый доступ к серверу',
    'встреча удалась, и всё удалось',
    'отдалённый город',
    'чистый лист',
    'почисти текст от пробелов',
    'обнови цену',
    'массовый забег',
    'снег и сны',
    'все обновления',
  ])('rates %j low', (words) => {
    expect(text(words)).toEqual({ level: 'low', reasons: [] });
  });

  test.each([
    ['admin/delete_records', 'delete'],
    ['ops/purge-cache', 'purge'],
    ['wipe/disk', 'wipe'],
    ['billing/mass_update', 'mass update'],
    ['prices/update_all', 'update all'],
    ['text/remove_duplicates', 'remove'],
    ['db/drop_table', 'drop'],
  ])('takes the id %s apart', (id, says) => {
    const reasons = [`the id ${id} says "${says}"`];
    expect(riskOf({ ids: [id], texts: [] })).toEqual({ level: 'high', reasons });
    expect(riskOf({ ids: [id], texts: [], sideEffects: 'none' })).toEqual({ level: 'high', reasons });
  });

  test.each(['ui/drop_down', 'travel/search_flights', 'ui/dropdown', 'ops/first'])(
    'says low of the id %s',
    (id) => {
      expect(riskOf({ ids: [id], texts: [] }).level).toBe('low');
    },
  );

  test.each<[string, SideEffects, 'low' | 'high']>([
    ['removes duplicates', 'none', 'low'],
    ['removes duplicates', 'read', 'low'],
    ['removes duplicates', 'write', 'high'],
    ['removes duplicates', 'destructive', 'high'],
    ['a drop in temperature', 'read', 'low'],
    ['Убери лишние пробелы из текста', 'none', 'low'],
    ['the city was destroyed', 'none', 'low'],
    ['delete everything', 'none', 'high'],
    ['удали всё', 'read', 'high'],
    ['очисти базу', 'none', 'high'],
  ])('rates %j for a skill with side effects %s: %s', (words, sideEffects, level) => {
    expect(text(words, sideEffects).level).toBe(level);
  });

  test('names each stem of each id, and those of the texts once', () => {
    const ids = ['admin/delete_records', 'ops/delete_logs'];
    const texts = ['Delete, delete and purge', 'purge'];
    expect(riskOf({ ids, texts }).reasons).toEqual([
      'the id admin/delete_records says "delete"',
      'the id ops/delete_logs says "delete"',
      'the text says "purge"',
    ]);
  });

  test('looks for two words in one text only', () => {
    expect(riskOf({ ids: [], texts: ['bulk', 'update'] }).level).toBe('low');
  });

  test('reads long texts to their end', () => {
    expect(text(`${'harmless words '.repeat(100_000)}delete`).level).toBe('high');
  });
});

describe('textsOf', () => {
  test.each<[JsonValue, readonly string[]]>([
    ['purge', ['purge']],
    [null, []],
    [7, []],
    [
      ['a', ['b']],
      ['a', 'b'],
    ],
    [{ delete_all: true }, ['delete_all']],
    [{ include_deleted: false, wipe: null }, []],
    [{ action: 'x', nested: { purge: 1 } }, ['action', 'nested', 'purge', 'x']],
  ])('of %j are %j', (value, expected) => {
    expect([...textsOf(value)].sort()).toEqual([...expected].sort());
  });

  test('takes a value that is nested deeper than calls may be', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}"delete"${']'.repeat(5000)}`) as JsonValue;
    let deeper = deep;
    for (let depth = 0; depth < 100_000; depth++) deeper = [deeper];
    expect(textsOf(deeper)).toEqual(['delete']);
  });
});

describe('textsOf of what a skill will read', () => {
  test.each<[string, JsonValue]>([
    ['escapes in JSON text', '{"action":"\\u0064elete all customers"}'],
    ['JSON text in JSON text', JSON.stringify(JSON.stringify({ action: 'delete all customers' }))],
    ['JSON text within a value', { body: '["\\u0064elete all customers"]' }],
  ])('finds %s', (_what, value) => {
    expect(riskOf({ ids: [], texts: textsOf(value) }).level).toBe('high');
  });

  test('takes a switch in JSON text as a switch, and other text as it is', () => {
    expect(riskOf({ ids: [], texts: textsOf('{"delete": false}') }).level).toBe('low');
    expect(textsOf('[not JSON')).toEqual(['[not JSON']);
  });
});

test.each([
  'Feuerlöscher prüfen',
  'die Entfernung nach Kyjiw',
  'ein entfernter Server',
  'віддалений сервер',
  'вдалося знайти',
  'онови ціну',
  'aktualisiere den Preis',
])('takes "%s" for harmless', (words) => {
  expect(text(words).level).toBe('low');
});
