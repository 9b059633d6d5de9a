/** The commands in the code blocks of a Markdown text. */

const BLOCK = /^(`{3,})(sh|bash|shell|console|zsh)?[ \t]*\n([^]*?)^\1[ \t]*$/gm;
const TOKEN =
  /(?<space>\s+)|(?<separator>\$\(|&&|\|\||[|;&()])|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|\\(?<escaped>.)|(?<redirect>(?<!\S)\d?[<>]+&?\d?(?=\s|\/|$|\d))|(?<bare>\$(?!\()|[^\s|;&()'"\\$<>]+|[<>])/gy;

/** Every command called `name`, as its words after that one; assignments before it and redirections are left out. */
export function commandsNamed(name: string, markdown: string): readonly (readonly string[])[] {
  return [...markdown.matchAll(BLOCK)]
    .flatMap((block) => (block[3] as string).replaceAll('\\\n', ' ').split('\n'))
    .flatMap(commandsOf)
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .map((words) => (words[0] === 'npx' ? words.slice(1) : words))
    .filter((words) => words[0] === name)
    .map((words) => words.slice(1));
}

/** A line as the shell takes it apart; a prompt `$ ` and comments do not count. */
function commandsOf(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  let isTarget = false;
  const endWord = () => {
    if (word !== undefined && !isTarget) commands.at(-1)?.push(word);
    if (word !== undefined) isTarget = false;
    word = undefined;
  };
  for (const { groups = {} } of line.replace(/^\s*\$ /, '').matchAll(TOKEN)) {
    const { space, separator, redirect, single, double, escaped, bare } = groups;
    if (word === undefined && bare?.startsWith('#')) break;
    const text = single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? bare;
    if (text !== undefined) word = (word ?? '') + text;
    else endWord();
    if (space === undefined && redirect !== undefined) isTarget = !/&\d$/.test(redirect);
    if (separator !== undefined) commands.push([]);
  }
  endWord();
  return commands;
}
