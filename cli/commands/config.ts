import { Command } from 'clipanion';
import { readRootSettings } from '../../adapters/catalog/root-settings-file.ts';
import { describeSettings, rootOf } from '../../core/settings/config.ts';
import type { SettingState } from '../../core/settings/config.ts';
import { TEMPORAL_SERVER_VARIABLES } from '../../core/settings/temporal-variables.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../command.ts';
import { errorLine } from '../views/errors.ts';
import { plain } from '../views/plain-text.ts';
import { renderTable } from '../views/table.ts';

interface Shown extends Omit<SettingState, 'source'> {
  readonly source: SettingState['source'] | 'option' | 'folder';
}

export class ConfigCommand extends SkillosCommand {
  static override paths = [['config']];
  static override usage = Command.Usage({
    category: 'Help',
    description: 'Show all settings with their values and sources',
    details: 'Exits with 78 if a value is invalid. Secrets are shown as set or unset.',
    examples: [
      ['All settings', 'skillos config'],
      ['With their meanings', 'skillos config --json'],
    ],
  });

  async perform() {
    const settings = [...this.ownSettings(), ...temporalSettings(this.context.env)];
    this.print({
      text: renderTable(['SETTING', 'VALUE', 'SOURCE'], settings.map(rowOf)),
      json: {
        schema: 'skillos.config/v1',
        items: settings.map((setting) => Object.fromEntries(Object.entries(setting))),
      },
    });
    const broken = settings.filter(({ expected }) => expected !== undefined);
    for (const { variable, expected } of broken)
      this.note(errorLine({ code: 'config_invalid', message: `Invalid ${variable}: expected ${expected}` }));
    return broken.length === 0 ? EXIT.ok : EXIT.config;
  }

  private ownSettings(): readonly Shown[] {
    const { env, source } = this.located();
    const ofRoot = readRootSettings(rootOf(env));
    const [root, ...others] = describeSettings(env, ofRoot);
    return root === undefined || source === undefined
      ? describeSettings(env, ofRoot)
      : [{ ...root, source }, ...others];
  }
}

const SHOWN_OF_TEMPORAL = [...TEMPORAL_SERVER_VARIABLES, 'TEMPORAL_NAMESPACE'];

/** Settings of Temporal's own tools; other variables of theirs may contain keys. */
function temporalSettings(env: Readonly<Record<string, string | undefined>>): readonly Shown[] {
  const others = Object.keys(env).filter((name) => name.startsWith('TEMPORAL_') && env[name]);
  const names = [...new Set([...SHOWN_OF_TEMPORAL, ...others.sort()])];
  return names.map((variable) => {
    const value = env[variable];
    const meaning = 'As Temporal’s own tools read it';
    if (!value) return { variable, source: 'unset', meaning };
    return {
      variable,
      value: SHOWN_OF_TEMPORAL.includes(variable) ? value : 'set',
      source: 'environment',
      meaning,
    };
  });
}

function rowOf({ variable, value, source }: Shown): readonly string[] {
  return [variable, plain(value ?? ''), source];
}
