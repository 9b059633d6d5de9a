/**
 * Synonyms from everyday and office language in English, German, Russian and Ukrainian. They let a query match a
 * skill that is described in other words or in another language. Written by hand for this project; bench/routing.ts
 * measures their effect.
 */
import type { Languages } from './language.ts';
import { invert, sparseRows } from './postings.ts';
import type { FeatureList, Postings } from './postings.ts';
import { stemFeature } from './routing-features.ts';
import { logWeighting } from './sparse-vectors.ts';
import { stem } from './stemming.ts';

// One concept per line: English | German | Russian | Ukrainian. Lists each form that a stemmer does not reduce to another.
const CONCEPTS = `
find search look lookup seek locate discover query | finden finde suchen suche such | найти найди найдите искать ищи поиск отыскать подобрать подбери | знайти знайди знайдіть шукати шукай пошук підібрати підбери
show display view see present print | zeigen zeige zeig anzeigen anzeige | показать покажи покажите отобразить вывести выведи посмотреть | показати покажи покажіть відобразити вивести виведи подивитися
list enumerate overview | auflisten liste aufzählen übersicht | список перечислить перечисли перечень | список перелік перелічити перелічи
delete remove erase clear purge drop discard | löschen lösche lösch entfernen entferne | удалить удали удалите удаление стереть сотри убрать убери очистить очисти | видалити видали видаліть видалення стерти зітри прибрати прибери очистити
create make add new insert generate produce | erstellen erstelle anlegen neu neue hinzufügen erzeugen | создать создай создание добавить добавь новый новая сделать сделай | створити створи створення додати додай новий нова зробити зроби
update edit change modify alter adjust amend | ändern ändere aktualisieren aktualisiere bearbeiten anpassen | изменить измени изменение обновить обнови обновление поменять редактировать | змінити зміни зміна оновити онови оновлення поміняти редагувати
send deliver dispatch forward submit | senden sende schicken schicke verschicken | отправить отправь отправка послать пошли переслать | надіслати надішли відправити відправ послати
receive arrive arrival incoming | erhalten empfangen ankommen ankunft | получить получение прибыть прибытие | отримати отримання прибути прибуття
open unlock | öffnen öffne aufmachen aufschließen | открыть открой открытие | відкрити відкрий відчинити відчини
close shut lock | schließen schließe zumachen abschließen | закрыть закрой закрытие запереть | закрити закрий зачинити зачини
start begin launch run execute activate enable | starten starte beginnen start ausführen aktivieren | начать начни запустить запусти запуск включить включи включение активировать | почати почни запустити запусти запуск увімкнути увімкни ввімкнути ввімкни активувати
stop end finish halt terminate quit | stoppen stoppe beenden beende anhalten halt | остановить останови закончить завершить заверши стоп прекратить | зупинити зупини закінчити завершити заверши стоп припинити
cancel abort revoke undo cancellation | abbrechen stornieren storniere absagen widerrufen | отменить отмени отмена аннулировать | скасувати скасуй скасування відмінити відміни
disable deactivate off | ausschalten ausmachen deaktivieren | выключить выключи отключить отключи | вимкнути вимкни відключити відключи
pause suspend freeze hold | pause pausieren anhalten | пауза приостановить заморозить | пауза призупинити заморозити
resume continue | fortsetzen weitermachen | продолжить продолжи возобновить | продовжити продовжи відновити
restore recover undelete | wiederherstellen | восстановить восстанови вернуть | відновити віднови повернути
repeat again replay redo | wiederholen wiederhole nochmal | повторить повтори снова | повторити повтори знову
check verify validate confirm inspect examine test | prüfen prüfe überprüfen kontrollieren bestätigen testen | проверить проверь проверка подтвердить тест | перевірити перевір перевірка підтвердити тест
calculate compute count sum total figure | berechnen berechne rechnen zählen summe anzahl | вычислить вычисли посчитать посчитай рассчитать рассчитай сумма количество сколько | обчислити обчисли порахувати порахуй розрахувати розрахуй сума кількість скільки
convert conversion transform exchange | umrechnen umwandeln wechseln konvertieren | перевести переведи конвертировать конвертируй обмен обменять преобразовать | перевести переведи конвертувати конвертуй обмін обміняти перетворити
translate translation | übersetzen übersetze übersetzung | перевод перевести переведи переводчик | переклад перекласти переклади
compare comparison versus difference | vergleichen vergleiche vergleich unterschied | сравнить сравни сравнение разница | порівняти порівняй порівняння різниця
summarize summarise summary brief digest abstract shorten | zusammenfassen zusammenfassung kurzfassung | резюме резюмировать сводка краткий кратко сократить пересказ изложить | підсумок підсумувати зведення короткий коротко скоротити переказ
explain describe define definition meaning detail details | erklären erkläre beschreiben bedeutung definition | объяснить объясни описать значение определение | пояснити поясни описати значення визначення
read recite | lesen lies vorlesen | читать прочитать прочитай | читати прочитати прочитай
write compose draft author | schreiben schreibe verfassen | написать напиши писать составить составь | написати напиши писати скласти склади
save store keep record | speichern speichere sichern | сохранить сохрани запомнить | зберегти збережи запам'ятати
download fetch retrieve obtain | herunterladen laden abrufen | скачать скачай загрузить получить | завантажити завантаж отримати
upload import load | hochladen importieren | загрузить загрузи импорт | завантажити імпорт
export extract | exportieren extrahieren | экспорт выгрузить извлечь | експорт вивантажити витягти
copy duplicate clone | kopieren kopie duplizieren | копировать скопировать копия | копіювати скопіювати копія
move relocate transfer | verschieben bewegen verlegen | переместить перенести перенеси | перемістити перенести перенеси
rename name title | umbenennen name titel | переименовать имя название | перейменувати ім'я назва
share publish post | teilen veröffentlichen | поделиться опубликовать | поділитися опублікувати
sort order rank arrange | sortieren ordnen | сортировать отсортировать упорядочить | сортувати відсортувати впорядкувати
filter select choose pick | filtern auswählen wählen | фильтр выбрать выбери отобрать | фільтр вибрати вибери відібрати
plan schedule organize itinerary agenda program | planen plane plan planung reiseplan zeitplan | план спланировать спланируй планирование маршрут расписание график | план спланувати сплануй планування маршрут розклад графік
book reserve reservation booking | buchen buche reservieren reservierung buchung | забронировать забронируй бронь бронирование заказать | забронювати забронюй бронювання замовити
buy purchase order shop acquire | kaufen kaufe kauf bestellen bestellung einkaufen | купить купи покупка заказать закажи заказ | купити купи покупка замовити замов замовлення
sell sale | verkaufen verkauf | продать продажа продажи | продати продаж продажі
pay payment settle | bezahlen zahlen zahlung bezahlung | оплатить оплата платить заплатить платеж | сплатити сплата оплата платити заплатити платіж
refund reimburse return chargeback | erstattung rückerstattung zurückzahlen rückgabe | возврат вернуть возместить | повернення повернути відшкодувати
transfer remit wire | überweisen überweise überweisung | перевод перевести переведи перечислить | переказ переказати перекажи перерахувати
withdraw withdrawal atm cashpoint | abheben geldautomat | снять снятие банкомат | зняти зняття банкомат
deposit topup top-up topping replenish | einzahlen aufladen einzahlung | пополнить пополнение внести | поповнити поповнення внести
money cash fund funds | geld bargeld | деньги денег наличные средства | гроші грошей готівка кошти
price cost fee charge rate tariff expensive cheap much | preis kosten kostet gebühr tarif teuer billig günstig | цена стоимость стоит тариф комиссия дешевый дешевле дорогой | ціна вартість коштує тариф комісія дешевий дешевше дорогий
currency forex | währung währungen devisen | валюта валюты валют курс | валюта валюти валют курс
dollar usd euro eur pound gbp yen jpy franc chf ruble rub hryvnia uah | dollar euro pfund yen rubel | доллар евро фунт иена рубль рублей гривна | долар євро фунт єна рубль гривня гривень
bank banking | bank | банк банковский | банк банківський
account profile | konto kontos profil | счет аккаунт учетная профиль | рахунок акаунт обліковий профіль
balance remaining saldo | kontostand saldo guthaben | баланс остаток | баланс залишок
card debit credit | karte kreditkarte | карта карточка картой | картка картки
bill invoice receipt | rechnung quittung beleg | счет квитанция чек инвойс | рахунок квитанція чек
tax vat | steuer mwst | налог ндс | податок пдв
loan mortgage debt | kredit darlehen schulden | кредит заем долг ипотека | кредит позика борг іпотека
salary wage payroll income | gehalt lohn einkommen | зарплата доход | зарплата дохід
expense spending spent spend | ausgabe ausgaben spesen | расход расходы траты потратить | витрата витрати витратити
accounting ledger books bookkeeping | buchhaltung buchführung bücher | бухгалтерия бухгалтерский книги учет | бухгалтерія бухгалтерський книги облік
report statement | bericht report auszug | отчет выписка | звіт виписка
stock share market invest investment | aktie aktien börse investieren | акция акции биржа инвестиции | акція акції біржа інвестиції
decline declined reject rejected refuse refused deny denied | abgelehnt ablehnen verweigert | отклонить отклонен отказ отказано | відхилити відхилено відмова відмовлено
fail failed failure error problem issue trouble broken wrong fault | fehler fehlgeschlagen problem kaputt störung | ошибка сбой проблема сломан неисправность | помилка збій проблема зламаний несправність
lost missing stolen lose misplaced theft steal | verloren gestohlen verlust | потерял потеря украли утеря пропал | загубив втрата вкрали пропав
fix repair resolve solve | reparieren beheben lösen | починить исправить исправь решить | полагодити виправити виправ розв'язати
wait pending waiting delay delayed late | warten wartend ausstehend verspätung | ждать ожидание задержка опоздание | чекати очікування затримка запізнення
flight plane airline airplane fly air | flug flüge fliegen flugzeug flugticket | рейс рейсы рейсов авиабилет авиабилеты самолет полет перелет лететь улететь вылет авиа | рейс рейси рейсів авіаквиток авіаквитки літак політ переліт летіти полетіти виліт авіа
hotel accommodation lodging hostel stay room motel | hotel hotels unterkunft zimmer übernachtung | отель отели отелей гостиница хостел жилье номер ночлег переночевать | готель готелі готелів хостел житло номер ночівля переночувати
travel trip journey tour vacation holiday tourism | reise reisen urlaub ausflug | путешествие поездка тур отпуск каникулы | подорож поїздка тур відпустка канікули
train railway rail | zug züge bahn | поезд поезда электричка | поїзд потяг потяги електричка
bus coach transit transport | bus busse nahverkehr verkehrsmittel | автобус транспорт | автобус транспорт
taxi cab ride | taxi fahrt | такси поездка | таксі поїздка
car vehicle auto automobile drive | auto wagen fahrzeug fahren | машина автомобиль авто ехать | машина автомобіль авто їхати
ticket pass | ticket karte fahrkarte fahrschein | билет билеты | квиток квитки
airport terminal | flughafen | аэропорт | аеропорт
traffic congestion jam | verkehr stau | пробка пробки движение | затор затори рух
route direction directions navigate navigation way map | route weg wegbeschreibung karte navigation | маршрут дорога путь карта | маршрут дорога шлях мапа
distance far length | entfernung weit länge distanz | расстояние далеко длина дистанция | відстань далеко довжина
sight sights sightseeing attraction attractions landmark | sehenswürdigkeit sehenswürdigkeiten attraktion | достопримечательность достопримечательности | пам'ятка пам'ятки визначний
place location where spot venue position | ort stelle standort platz | место местоположение локация где | місце місцезнаходження локація
city town municipality | stadt | город города | місто міста
country nation state | land staat | страна государство | країна держава
address street | adresse straße | адрес улица | адреса вулиця
weather forecast meteo climate | wetter wettervorhersage vorhersage klima | погода прогноз климат | погода прогноз клімат
rain rainy umbrella precipitation | regen regnet regenschirm | дождь зонт осадки | дощ парасолька опади
snow snowy | schnee schneit | снег | сніг
temperature warm cold hot degree degrees heat | temperatur warm kalt heiß grad | температура тепло холодно жарко градус градусов | температура тепло холодно спекотно градус градусів
wind windy storm | wind windig sturm | ветер буря шторм | вітер буря шторм
time clock hour | uhrzeit uhr zeit stunde | время час часов сколько | час година годин
date day calendar | datum tag kalender | дата день число календарь | дата день число календар
today tonight current now | heute jetzt aktuell | сегодня сейчас текущий | сьогодні зараз поточний
tomorrow | morgen | завтра | завтра
week weekly | woche wöchentlich | неделя недельный | тиждень тижневий
month monthly | monat monatlich | месяц месячный | місяць місячний
year annual yearly | jahr jährlich | год годовой лет | рік річний
alarm wake | wecker wecken aufwecken | будильник разбудить разбуди | будильник розбудити розбуди
timer countdown stopwatch | timer countdown stoppuhr | таймер секундомер | таймер секундомір
remind reminder remember notify notification alert | erinnern erinnere erinnerung benachrichtigung | напомнить напомни напоминание уведомление | нагадати нагадай нагадування сповіщення
meeting event appointment conference | termin besprechung treffen veranstaltung | встреча событие совещание мероприятие | зустріч подія нарада захід
task todo job work | aufgabe arbeit | задача дело работа задание | завдання справа робота
note memo | notiz notizen | заметка записка | нотатка записка
email mail inbox letter | email mail brief posteingang | почта письмо имейл | пошта лист імейл
message text sms chat | nachricht nachrichten sms chat | сообщение сообщения смс чат | повідомлення смс чат
call phone telephone dial ring mobile | anrufen anruf telefon rufe handy | позвонить позвони звонок телефон набрать | подзвонити подзвони дзвінок телефон зателефонувати набрати
contact person people someone | kontakt person leute | контакт человек люди | контакт людина люди
user member customer client subscriber | benutzer nutzer mitglied kunde kunden | пользователь пользователи пользователей клиент участник | користувач користувачі користувачів клієнт учасник
team group staff employee colleague | team gruppe mitarbeiter kollege | команда группа сотрудник сотрудники коллега | команда група співробітник працівник колега
role permission access right authorization | rolle recht berechtigung zugriff | роль право доступ разрешение | роль право доступ дозвіл
login signin sign log authenticate password passcode pin | anmelden einloggen passwort kennwort pin | вход войти пароль логин пин | вхід увійти пароль логін пін
identity identify id passport | identität ausweis reisepass | личность паспорт удостоверение | особа паспорт посвідчення
security secure safe protect | sicherheit sicher schützen | безопасность защита | безпека захист
record entry row item | datensatz datensätze eintrag einträge | запись записи записей строка | запис записи записів рядок
table database dataset data | tabelle datenbank daten | таблица база данные данных | таблиця база дані даних
file document folder | datei dateien dokument ordner | файл документ папка | файл документ тека
text sentence word article | text satz wort artikel | текст предложение слово статья | текст речення слово стаття
page website site web internet online url link | seite webseite internet netz | страница сайт интернет ссылка | сторінка сайт інтернет посилання
image picture photo photograph drawing | bild bilder foto fotos | картинка изображение фото фотография рисунок | картинка зображення фото світлина малюнок
video film movie cinema | video film kino | видео фильм кино | відео фільм кіно
music song track tune album audio | musik lied song titel album | музыка песня трек альбом | музика пісня трек альбом
play playback listen stream | spielen spiele abspielen hören | играть включить воспроизвести слушать проиграй | грати увімкнути відтворити слухати програй
radio station | radio sender | радио станция | радіо станція
podcast episode show series | podcast folge serie sendung | подкаст выпуск серия сериал | подкаст випуск серія серіал
book audiobook novel | buch bücher hörbuch roman | книга аудиокнига роман | книга аудіокнига роман
news headline headlines | nachrichten schlagzeilen neuigkeiten | новости новость | новини новина
game sport match play | spiel sport | игра спорт матч | гра спорт матч
volume loud loudness sound louder quieter mute | lautstärke laut leise ton lauter leiser stumm | громкость звук громче тише | гучність звук гучніше тихіше
light lamp lighting bulb | licht lampe beleuchtung | свет лампа освещение | світло лампа освітлення
bright brightness dim | helligkeit hell dunkel dimmen | яркость ярче темнее | яскравість яскравіше темніше
color colour hue | farbe farben | цвет | колір
increase raise up higher more | erhöhen erhöhe höher mehr | увеличить увеличь повысить больше выше | збільшити збільш підвищити більше вище
decrease lower reduce down less | verringern senken reduzieren niedriger weniger | уменьшить уменьши снизить меньше ниже | зменшити зменш знизити менше нижче
door gate garage | tür tor garage | дверь ворота гараж | двері ворота гараж
window blind curtain shutter cover | fenster rollo vorhang jalousie rollladen | окно шторы жалюзи | вікно штори жалюзі
vacuum clean cleaning cleaner hoover | staubsauger saugen putzen reinigen | пылесос уборка убрать чистить | пилосос прибирання прибрати чистити
coffee tea drink | kaffee tee getränk | кофе чай напиток | кава чай напій
food meal eat dish cuisine restaurant dinner lunch | essen gericht restaurant mahlzeit | еда блюдо ресторан ужин обед | їжа страва ресторан вечеря обід
recipe cook cooking ingredient bake | rezept kochen zutat backen | рецепт готовить приготовить | рецепт готувати приготувати
shopping grocery cart basket | einkauf einkaufsliste warenkorb | покупки корзина продукты | покупки кошик продукти
product goods article merchandise | produkt ware waren artikel | товар продукт | товар продукт
shipping shipment delivery parcel package courier post | versand lieferung paket sendung | доставка посылка отправление | доставка посилка відправлення
track tracking status state progress | verfolgen status stand sendungsverfolgung | отследить отслеживание статус состояние | відстежити відстеження статус стан
available availability free | verfügbar frei | доступен наличие свободно | доступний наявність вільно
health doctor medical medicine hospital patient | gesundheit arzt medizin krankenhaus patient | здоровье врач лекарство больница пациент | здоров'я лікар ліки лікарня пацієнт
insurance insure | versicherung versichern | страховка страхование | страхування страховка
joke funny fun humor humour laugh | witz witzig lustig | шутка анекдот смешно пошути | жарт анекдот смішно пожартуй
question answer ask faq quiz | frage antwort fragen | вопрос ответ спросить | питання відповідь запитати
fact information info knowledge | information auskunft wissen | информация факт сведения | інформація факт відомості
help support assist assistance | hilfe helfen unterstützung | помощь помоги поддержка | допомога допоможи підтримка
recommend suggest recommendation suggestion advise | empfehlen empfehlung vorschlagen vorschlag | рекомендация рекомендовать посоветуй совет | рекомендація рекомендувати порадь порада
rate rating review feedback like | bewertung bewerten rezension | оценка отзыв рейтинг оценить | оцінка відгук рейтинг оцінити
complain complaint dispute | beschwerde beschweren reklamation | жалоба пожаловаться спор | скарга поскаржитися спір
subscribe subscription | abonnieren abo abonnement | подписка подписаться | підписка підписатися
setting settings configure configuration preference option set | einstellung einstellungen konfigurieren einstellen | настройка настройки настроить параметр установить | налаштування налаштувати параметр встановити
limit maximum minimum restriction quota | limit grenze höchstens | лимит предел ограничение | ліміт межа обмеження
age old birthday birth | alter alt geburtstag | возраст лет день рождения | вік років день народження
language english german russian ukrainian | sprache englisch deutsch russisch ukrainisch | язык английский немецкий русский украинский | мова англійська німецька російська українська
area surface size | fläche größe | площадь размер | площа розмір
number digit amount quantity value | nummer zahl menge wert betrag | номер число количество значение | номер число кількість значення
average mean median | durchschnitt mittelwert | среднее средний | середнє середній
equation formula solve math | gleichung formel mathe | уравнение формула математика | рівняння формула математика
server machine host computer instance | server rechner computer | сервер компьютер машина | сервер комп'ютер машина
service app application program software | dienst anwendung app programm | сервис служба приложение программа | сервіс служба застосунок програма
code script function repository commit | code skript funktion | код скрипт функция репозиторий | код скрипт функція репозиторій
deploy release build install setup | bereitstellen installieren veröffentlichen | развернуть установить релиз сборка | розгорнути встановити реліз збірка
restart reboot reset | neustart neustarten zurücksetzen | перезапустить перезагрузить сброс сбросить | перезапустити перезавантажити скинути
backup snapshot archive | sicherung backup archiv | резервная бэкап архив | резервна бекап архів
log logs history journal activity | protokoll verlauf historie log | журнал история лог логи | журнал історія лог логи
monitor metrics statistics analytics analyze analysis | überwachen statistik analyse analysieren | мониторинг метрики статистика анализ проанализировать | моніторинг метрики статистика аналіз проаналізувати
company business firm organization | firma unternehmen organisation | компания фирма организация бизнес | компанія фірма організація бізнес
contract agreement deal | vertrag vereinbarung | договор контракт соглашение | договір контракт угода
project | projekt | проект | проєкт проект
student school university course lesson learn study | schüler student schule universität kurs lernen | студент школа университет курс урок учить | студент школа університет курс урок вчити
hire recruit vacancy candidate resume | einstellen bewerber stelle lebenslauf | нанять вакансия кандидат резюме | найняти вакансія кандидат резюме
`;

const LANGUAGES: readonly Languages[] = [
  { latin: 'en', cyrillic: 'ru' },
  { latin: 'de', cyrillic: 'ru' },
  { latin: 'en', cyrillic: 'ru' },
  { latin: 'en', cyrillic: 'uk' },
];

/** Maps each stem to its concepts, numbered by line of CONCEPTS. Takes about 20 ms, so a routing index stores the result. */
export function conceptsByStem(): Postings {
  const rows = sparseRows(CONCEPTS.trim().split('\n').map(stemsOf));
  return invert(rows, logWeighting(rows));
}

function stemsOf(line: string): FeatureList {
  const columns = line.split('|').map((words) => words.trim().split(' '));
  const stems = columns.flatMap((words, column) => {
    return words.map((word) => stem(word, LANGUAGES[column] as Languages)); // each line has four columns
  });
  return { features: stems.map(stemFeature) };
}
