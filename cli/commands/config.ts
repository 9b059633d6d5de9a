import { Command } from 'clipanion';
import { distance } from 'fastest-levenshtein';
import { SETTINGS, describeSettings } from '../../core/config.ts';
import type { SettingState } from '../../core/config.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { nearest } from '../../core/nearest.ts';
import { SkillosCommand } from '../command.ts';
import { plain } from '../plain-text.ts';
import { renderTable } from '../table.ts';

interface Shown extends Omit<SettingState, 'source'> {
  readonly source: SettingState['source'] | 'option';
}

export class ConfigCommand extends SkillosCommand {
  static override paths = [['config']];
  static override usage = Command.Usage({
    category: 'Help',
    description: 'Show every setting, its value and where it comes from',
    details: 'Exit 78 when one does not parse. Secrets are shown as set or unset.',
    examples: [
      ['All settings', 'skillos config'],
      ['With what they mean', 'skillos config --json'],
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
    this.noteMistyped();
    const broken = settings.filter(({ expected }) => expected !== undefined);
    for (const { variable, expected } of broken)
      this.note(`Error: Invalid ${variable}: expected ${expected}`);
    return broken.length === 0 ? EXIT.ok : EXIT.config;
  }

  private ownSettings(): readonly Shown[] {
    const { root } = this;
    if (root === undefined) return describeSettings(this.context.env);
    const [first, ...others] = describeSettings({ ...this.context.env, [SETTINGS.root.variable]: root });
    return first === undefined ? others : [{ ...first, source: 'option' }, ...others];
  }

  /** A mistyped variable would be silently without effect; one like none of ours may be a skill's own. */
  private noteMistyped(): void {
    const known = Object.values(SETTINGS).map(({ variable }) => variable.slice(PREFIX.length));
    for (const variable of Object.keys(this.context.env)) {
      const name = variable.slice(PREFIX.length);
      const meant = variable.startsWith(PREFIX) && !known.includes(name) ? nearest(name, known) : undefined;
      if (meant === undefined || distance(name, meant) > MOST_TYPOS) continue;
      this.note(`warning: ${plain(variable)} is not a setting; did you mean ${PREFIX}${meant}?`);
    }
  }
}

const PREFIX = 'SKILLOS_';
/** More than that is another word: the secrets of connectors look much like settings. */
const MOST_TYPOS = 2;
const SHOWN_OF_TEMPORAL = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
];

/** What Temporal's own tools read; anything else of theirs may be a key. */
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
