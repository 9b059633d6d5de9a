/** HTML in which every value is text unless it was made here too: nothing else can become markup. */

const brand = Symbol('Html');

/** Markup that is safe to send. */
export interface Html {
  readonly markup: string;
  readonly [brand]: true;
}

type Part = Html | string | number | undefined | false | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Attributes must be quoted: an unquoted one ends at a space. What is `undefined` or false leaves nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const pieces = strings.map((fixed, at) => (at < parts.length ? fixed + textOf(parts[at]) : fixed));
  return { markup: pieces.join(''), [brand]: true };
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return part.replace(/[&<>"']/g, (char) => ESCAPES[char] as string);
  if (typeof part === 'number') return String(part);
  if (brand in part) return part.markup;
  return part.map(textOf).join('');
}
