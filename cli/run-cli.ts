/** From argv to an exit code: find the command, load it, parse, perform, and report what went wrong. */
import { EXIT } from '../core/exit-codes.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import { COMMANDS } from './commands/index.ts';
import type { CommandEntry } from './command-entry.ts';
import type { CliContext } from './context.ts';
import { VERSION } from './version.ts';

/** Never rejects: every failure is printed and becomes an exit code. */
export async function runCli(argv: readonly string[], outer: Omit<CliContext, 'onEnd'>): Promise<ExitCode> {
  const endings: (() => Promise<void>)[] = [];
  const context = { ...outer, onEnd: (close: () => Promise<void>) => void endings.push(close) };
  try {
    return await dispatch(argv, context);
  } catch (error) {
    const [{ renderError }, { isDebug }] = await Promise.all([
      import('./errors.ts'),
      import('../core/config.ts'),
    ]);
    const json = argv.includes('--json');
    const report = renderError(error, { json, debug: isDebug(context.env) });
    (json ? context.stdout : context.stderr).write(report.text);
    return report.exit;
  } finally {
    await Promise.all(endings.map((close) => close()));
  }
}

async function dispatch(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  if (argv[0] === '--version' || argv[0] === '-v') {
    context.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  const options = argv.findIndex((word) => word.startsWith('-'));
  const words = options === -1 ? argv : argv.slice(0, options);
  const wantsHelp = argv.includes('--help') || argv.includes('-h');
  const entry = findCommand(words);
  if (entry === undefined) return overview(words, wantsHelp, context);
  return perform(entry, wantsHelp, { argv, context });
}

/** The longest command that the words begin with. */
function findCommand(words: readonly string[]): CommandEntry | undefined {
  const typed = `${words.join(' ')} `;
  const matches = COMMANDS.filter((entry) => typed.startsWith(`${entry.path} `));
  return matches.sort((a, b) => b.path.length - a.path.length)[0];
}

async function overview(
  words: readonly string[],
  wantsHelp: boolean,
  context: CliContext,
): Promise<ExitCode> {
  const { renderOverview, requireCommand } = await import('./overview.ts');
  const prefix = words.join(' ');
  requireCommand(prefix);
  (wantsHelp ? context.stdout : context.stderr).write(renderOverview(prefix));
  return wantsHelp ? EXIT.ok : EXIT.usage;
}

async function perform(
  entry: CommandEntry,
  wantsHelp: boolean,
  call: { argv: readonly string[]; context: CliContext },
): Promise<ExitCode> {
  if (wantsHelp) {
    const { renderUsage } = await import('./overview.ts');
    call.context.stdout.write(await renderUsage(entry, call.context));
    return EXIT.ok;
  }
  const [{ Cli }, CommandClass] = await Promise.all([import('./parser.ts'), entry.load()]);
  const cli = new Cli<CliContext>({ binaryName: 'skillos', enableColors: call.context.colorDepth > 1 });
  cli.register(CommandClass);
  try {
    const command = cli.process([...call.argv], call.context);
    return await (command as InstanceType<typeof CommandClass>).perform(); // the only class registered
  } catch (error) {
    const { asUsageError } = await import('./overview.ts');
    throw asUsageError(error, entry.path, cli.definitions());
  }
}
