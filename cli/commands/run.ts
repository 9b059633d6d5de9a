import { Command, Option } from 'clipanion';
import { SkillosError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/exit-codes.ts';
import { verdictOf } from '../../core/outcome.ts';
import { chosenByCaller, routedDocument, routingDocument } from '../../core/routing-document.ts';
import type { Routing, RoutingCandidate } from '../../core/routing.ts';
import { routeCached } from '../../client/route.ts';
import { openRoutingIndex } from '../../adapters/routing-index.ts';
import { cacheFolder } from '../../adapters/local-folders.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import type { SkillId } from '../../core/skill-id.ts';
import { openSharedCache } from '../routing-cache.ts';
import { RunningCommand } from '../run-command.ts';

export class RunCommand extends RunningCommand {
  static override paths = [['run']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Route a query to a skill, and run it with --execute',
    details:
      'Without --execute the chosen skill is printed and nothing runs; Temporal is not contacted. ' +
      'The query itself is the payload unless --payload says otherwise.',
    examples: [
      ['Which skill would answer', 'skillos run "Find flights to Sochi"'],
      ['Run it', 'skillos run "Find flights to Sochi" --execute'],
      ['Only among some skills', 'skillos run "Find flights to Sochi" --tag travel'],
      [
        'Take an alternative',
        'skillos run "Somewhere to stay in Sochi" --skill travel/search_hotels --execute',
      ],
    ],
  });

  query = Option.String({ name: 'query' });
  isExecuted = Option.Boolean('--execute', false, { description: 'Run the skill on Temporal' });
  tags = Option.Array('--tag', [], { description: 'Only skills with this tag; repeat for any of several' });
  chosen = Option.String('--skill', { description: 'Take this skill instead of the router’s choice' });

  async perform(): Promise<ExitCode> {
    if (this.query.trim() === '') throw new SkillosError('usage', 'Expected a query, got an empty text');
    const routing =
      this.chosen === undefined ? await this.route() : chosenByCaller(parseSkillId(this.chosen));
    if (!this.isExecuted) return this.printRouting(routing);
    const skill = await this.decide(routing);
    if (skill === undefined) return this.printRouting(routing);
    const payload = (await this.givenPayload()) ?? this.query;
    return this.executeRun({
      plan: { kind: 'step', step: { skill } },
      payload,
      query: this.query,
      heading: [skill],
      document: { routing: routingDocument(routing) },
    });
  }

  private async route(): Promise<Routing> {
    const { ports, root } = this.runtime;
    const { catalogs } = ports;
    const { minConfidence } = this.config;
    const cacheDir = cacheFolder(this.config, this.context.env);
    return routeCached({
      query: { text: this.query, tags: this.tags, minConfidence },
      catalogs,
      rights: await this.rights(),
      openIndex: () => openRoutingIndex({ catalogs, root, cacheDir }),
      cache: await openSharedCache(this.config, this.context),
      version: () => catalogs.fingerprint(),
    });
  }

  /** The skill to run; a person at a terminal may choose where the router is not sure. */
  private async decide(routing: Routing): Promise<SkillId | undefined> {
    if (routing.status === 'routed') {
      this.note(`routed: ${routing.skill} (confidence ${routing.confidence.toFixed(2)})`);
      return routing.skill;
    }
    if (routing.status === 'no_skill_found' || !this.context.isInteractive || this.json) return undefined;
    const { chooseSkill } = await import('../choose-skill.ts');
    return chooseSkill([routing, ...routing.alternatives], this.context);
  }

  private printRouting(routing: Routing): ExitCode {
    this.print({ text: routingLines(routing), json: routedDocument(routing) });
    if (routing.status === 'routed' && !this.isExecuted) {
      this.note('nothing was executed; add --execute to run it');
    }
    return verdictOf(routing.status).exit;
  }
}

function routingLines(routing: Routing): readonly string[] {
  switch (routing.status) {
    case 'routed':
      return [routing.skill];
    case 'low_confidence':
      return [`low_confidence: ${routing.skill}`, `alternatives: ${listOf(routing.alternatives)}`];
    case 'no_skill_found':
      return ['no_skill_found'];
  }
}

function listOf(alternatives: readonly RoutingCandidate[]): string {
  return alternatives.length === 0 ? 'none' : alternatives.map(({ skill }) => skill).join(', ');
}
