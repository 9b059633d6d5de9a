/** Stop words per language: function words, and words of requests such as "please". */
const ENGLISH = `
a about after again all also am an and another any anybody anyone anything are aren around as ask at be because been
before being both but by came can cannot could couldn d did didn do does doesn doing don each either else etc even ever
every everything few for from get gets getting give given go goes going gonna gotta had hadn has hasn have haven having
he hello help her here hers hey hi him his how i if im in into is isn it its itself just kindly know let lets like ll m
make may maybe me might mine more most much must my myself need needed needs neither no nor not now of off ok okay on
once one only or other our ours out over own perhaps please re really s shall she should shouldn so some somehow someone
something such t tell than thank thanks that the their theirs them then there these they thing things this those through
to too under until up upon us use using ve very via wanna want wanted wants was wasn way we were weren what whatever when
where whether which while who whom whose why will with within won would wouldn yes yet you your yours yourself`;

const GERMAN = `
ab aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim bin bis bist
bitte da dabei damit dann daran darauf das dass davon dazu dein deine deinem deinen deiner dem den denn der deren des
deshalb dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines
einige einmal er es etwas euch euer eure für gegen geben gerne gib gibt habe haben hallo hast hat hatte hätte hier hin
hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins ist ja jede jedem jeden jeder jedes jetzt kann
kannst kein keine keinen keiner können könnte könnten könntest machen mach mal man mehr mein meine meinem meinen meiner
mich mir mit mochte möchte möchten muss müssen nach nein nicht nichts noch nun nur ob oder ohne sag sage sagen sehr sein
seine seinem seinen seiner selbst sich sie sind so soll sollen sollte sondern sonst über um und uns unser unsere unter
vom von vor wann war waren warum was weil welche welchem welchen welcher welches wenn wer werde werden wie wieder will
willst wir wird wo wollen würde würden zu zum zur`;

const RUSSIAN = `
а без более больше бы был была были было быть в вам вас весь во вот все всего всех вы где да для до его ее если есть еще
же за здесь здравствуйте и из или им их к как какая какие каким каких какое какой когда которая которого которой которые
который кто куда ли либо меня мне много могу может можете можешь можно мой моя мое мои моего моей моем моих мы на надо
нам нас наш наша наши не него нее ней нет ни них но ну нужен нужна нужно нужны о об один он она они оно от очень
пожалуйста по под после потом почему при привет про прошу с сам свой своей своего свои себе себя сейчас со спасибо так
также такая такие такое такой там тебе тебя тем теперь то того тоже той только том тот тут ты у уже хотел хотела хотелось
хотим хочется хочу чего чей чем через что чтобы эта эти этим этих это этого этой этом этот эту я`;

const UKRAINIAN = `
а або аби але без би більше була були було бути в вам вас ваш вже ви від він вона вони воно все всі всіх всього ця ці
цей цього цьому цю де для до дуже дякую є ж же з за зараз зі й і із або його її їх їхній інший як яка яке який які якій
якого якої яку якщо хто хай хіба хотів хотіла хотілося хочу хочеться коли куди ледь лише ли мене мені між мій моя моє
мої мого моєї моєму моїх можна можу може можеш можете ми на над нам нами нас наш наша наші не нема немає ні них ну о об
один однак от ось перед під після по потім потрібен потрібна потрібно потрібні привіт при про прошу будь ласка раз разом
сам свій своє свої своєї себе собі так також такий такі там та те тебе тобі ти тільки той того тому тоді тут у усе усі
чи чим чого через чому що щоб щось це цим я`;

/** Numbers are not listed; the caller removes them for all languages. */
export const STOP_WORDS = {
  en: wordSet(ENGLISH),
  de: wordSet(GERMAN),
  ru: wordSet(RUSSIAN),
  uk: wordSet(UKRAINIAN),
} as const;

function wordSet(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}
