/** Tables and code spans of Markdown texts. */

/** The rows of the table whose header begins with `column`, each as its cells; empty if there is no such table. */
export function tableIn(markdown: string, column: string): readonly (readonly string[])[] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => new RegExp(String.raw`^\| ${column} +\|`).test(line));
  if (start < 0) return [];
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end < 0 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The first code block without a language. */
export function pictureIn(markdown: string): readonly string[] {
  return /^```\n([^]*?)^```$/m.exec(markdown)?.[1]?.split('\n') ?? [];
}

/** Texts in single backticks, outside code blocks. */
export function codeSpansIn(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] as string);
}

/** Targets of links that lead to files, without their anchors. */
export function fileLinksIn(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```$/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] as string).replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}
